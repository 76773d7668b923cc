// The words in every language. Run by `node --test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fill, textsIn } from "./texts.js";

const names = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const english = textsIn("en");

for (const locale of ["de", "fr", "es"]) {
  test(`${locale} has every text, with the names that English fills in`, () => {
    const texts = textsIn(locale);
    assert.notEqual(texts, english);
    assert.deepEqual(Object.keys(texts), Object.keys(english));
    for (const [key, text] of Object.entries(english)) assert.deepEqual(names(texts[key]), names(text), key);
  });
}

test("a region, an underscore and capitals do not matter; an unknown language is English", () => {
  assert.deepEqual([textsIn("DE_at"), textsIn("tlh")], [textsIn("de"), english]);
});

test("a name that is not given stays as it is", () => {
  assert.equal(fill("{a} of {b}", { a: "{b}" }), "{b} of {b}");
});
