"use strict";
// The text of a scorecard in an editor: completion by its schema, mistakes and lint at their lines. Without this script
// the text is in a plain text area, which stays the field that the form sends.
(() => {
  const area = document.getElementById("text");
  if (!area || !window.ace) return;
  ace.config.set("useStrictCSP", true);
  const token = area.form.elements.csrftoken.value;

  const post = async (address, fields) => {
    const body = new URLSearchParams({ csrftoken: token, ...fields });
    const answer = await fetch(address, { method: "POST", body, headers: { "x-csrftoken": token } });
    return answer.ok ? answer.json() : [];
  };

  const place = document.createElement("div");
  place.className = "editor";
  place.tabIndex = -1; // it scrolls by itself
  area.closest("label").after(place);
  area.closest("label").hidden = true;
  document.getElementById("editor-help").hidden = false;

  const session = ace.createEditSession(area.value);
  session.setUseWorker(false); // the server says what is wrong, with the line
  session.setMode("ace/mode/yaml");
  const editor = ace.edit(place, {
    session,
    theme: { cssClass: "ace-leadgauge", isDark: matchMedia("(prefers-color-scheme: dark)").matches },
    tabSize: 2,
    useSoftTabs: true,
    showPrintMargin: false,
    fontFamily: getComputedStyle(area).fontFamily,
    enableBasicAutocompletion: true,
    enableLiveAutocompletion: true,
    enableKeyboardAccessibility: true,
    textInputAriaLabel: "The text of the scorecard",
  });
  const completer = {
    identifierRegexps: [/[\w./+-]/],
    getCompletions: (_editor, session, at, _prefix, done) => {
      const fields = { text: session.getValue(), line: at.row, column: at.column };
      post(area.dataset.completions, fields).then(
        (found) => done(null, found.map((one, rank) => ({
          caption: one.value, value: one.value, meta: one.meta, docText: one.doc, score: 1000 - rank,
        }))),
        () => done(null, []),
      );
    },
  };
  editor.completers = [completer];

  let waiting = 0;
  let asked = 0;
  const mark = async () => {
    const mine = ++asked;
    const found = await post(area.dataset.marks, { text: area.value, base: area.form.elements.base.value });
    if (mine !== asked) return;
    session.setAnnotations(found.map((one) => ({ row: one.line - 1, column: 0, text: one.text, type: one.type })));
  };
  session.on("change", () => {
    area.value = editor.getValue();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(waiting);
    waiting = setTimeout(mark, 500);
  });
  mark();
})();
