"use strict";
// The values of a scorecard as a form: what the preview says of a field is said at the field too, and rules are found by
// name. Without this script the page that the form is posted to says it, and the list of rules is there in full.
(() => {
  const form = document.getElementById("edit");
  const preview = document.getElementById("preview");

  const clear = () => {
    for (const field of form.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    for (const said of form.querySelectorAll("small.wrong")) said.remove();
  };
  const mark = (field, text, number) => {
    const said = document.createElement("small");
    said.className = "wrong";
    said.id = `wrong-field-${number}`;
    said.textContent = text;
    field.after(said);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", said.id);
  };
  const find = document.getElementById("find-rule");
  find.closest("label").hidden = false;
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    for (const one of find.closest("details").querySelectorAll("li")) {
      one.hidden = !one.textContent.toLowerCase().includes(wanted);
    }
  });
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  preview.addEventListener("htmx:afterSwap", () => {
    clear();
    preview.querySelectorAll("[data-field]").forEach((one, number) => {
      const field = one.dataset.field && form.elements.namedItem(one.dataset.field);
      if (field) mark(field, one.dataset.said, number);
    });
  });
})();
