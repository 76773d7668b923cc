/**
 * From what Lightning hands over to what the card's view needs, without LWC, so that a test needs no component.
 *
 * @typedef {import("./card").Scorecard} Scorecard
 * @typedef {"leads" | "accounts"} Of
 * @typedef {{value: unknown, displayValue?: string | null}} UiField
 * @typedef {{fields: Record<string, UiField | undefined>}} UiRecord
 * @typedef {{message?: string}} UiFault
 * @typedef {{message?: string, body?: UiFault | UiFault[]}} WireError
 */

/**
 * Whose results a page of this object shows.
 *
 * @param {string | undefined} objectApiName
 * @returns {Of}
 */
export function ofObject(objectApiName) {
  return objectApiName === "Account" ? "accounts" : "leads";
}

/**
 * The scorecard with this prefix; the first where the page names none, undefined where it is not installed.
 *
 * @param {readonly Scorecard[]} scorecards
 * @param {string | undefined} prefix
 */
export function scorecardOf(scorecards, prefix) {
  return prefix ? scorecards.find((each) => each.prefix === prefix) : scorecards[0];
}

/**
 * The scorecard's fields as getRecord names them: `Lead.` and the name of the field.
 *
 * @param {Scorecard} scorecard
 * @param {string} objectApiName
 * @returns {string[]}
 */
export function fieldsOf(scorecard, objectApiName) {
  return Object.values(scorecard[ofObject(objectApiName)] ?? {}).map(({ field }) => `${objectApiName}.${field}`);
}

/**
 * The record's values by neutral name, as text; a field that is not in the record is not in the result.
 *
 * @param {UiRecord} record
 * @param {Scorecard} scorecard
 * @param {Of} of
 * @returns {Record<string, string | null>}
 */
export function valuesOf(record, scorecard, of) {
  /** @type {Record<string, string | null>} */
  const values = {};
  for (const [name, { field }] of Object.entries(scorecard[of] ?? {})) {
    const found = record.fields[field];
    if (found) {
      values[name] = found.value === null || found.value === undefined ? null : String(found.value);
    }
  }
  return values;
}

/**
 * The locale of the texts: the reader's language, with the formats of their region where it speaks that language.
 *
 * Salesforce sets language and locale apart; German words around an English date would read as a mistake.
 *
 * @param {string} language
 * @param {string} locale
 */
export function localeFor(language, locale) {
  return language.split("-")[0] === locale.split("-")[0] ? locale : language;
}

/**
 * What Salesforce says about a record that it does not hand over; it says so in the reader's language.
 *
 * A read that fails has an array as its body, an error of the network an object (developer.salesforce.com/docs/
 * platform/lwc/guide/data-error.html, read 2026-11-29).
 *
 * @param {WireError} error
 * @returns {string}
 */
export function messageOf(error) {
  const faults = Array.isArray(error.body) ? error.body : [error.body ?? {}];
  return (
    faults
      .map(({ message }) => message)
      .filter(Boolean)
      .join(" ") ||
    (error.message ?? "")
  );
}
