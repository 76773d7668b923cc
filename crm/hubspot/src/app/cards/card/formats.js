// Copied from crm/card/formats.js: change it there, and run `python -m crm`.
/** Numbers, chances and moments in the reader's locale and time zone. */

/**
 * How the reader reads numbers and dates.
 *
 * @typedef {object} Reader
 * @property {Date} now
 * @property {string} locale a BCP 47 tag; `de_AT` is taken too, an unknown one reads as English
 * @property {string} [timeZone] an IANA name; that of the browser where it is absent or unknown
 */

/**
 * Return a number as the field holds it, null if there is none or it is no number.
 *
 * @param {string | null | undefined} text
 * @returns {number | null}
 */
export function numberOf(text) {
  const number = text == null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/**
 * Return a moment: ISO 8601 as Salesforce writes it (`+0000` too), or milliseconds since 1970 as HubSpot may give it.
 *
 * @param {string | null | undefined} text
 * @returns {Date | null}
 */
export function momentOf(text) {
  if (text == null || text.trim() === "") return null;
  const written = text.trim();
  const moment = new Date(/^-?\d+$/.test(written) ? Number(written) : written.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/**
 * @param {number} number
 * @param {Reader} reader
 * @returns {string}
 */
export function number(number, reader) {
  return new Intl.NumberFormat(localeOf(reader), { maximumFractionDigits: 1 }).format(number);
}

/**
 * Return percent as a chance: 12.5 is `12.5%` or `12,5 %`.
 *
 * @param {number} percent
 * @param {Reader} reader
 * @returns {string}
 */
export function chance(percent, reader) {
  const format = { style: /** @type {const} */ ("percent"), maximumFractionDigits: 1 };
  return new Intl.NumberFormat(localeOf(reader), format).format(percent / 100);
}

/**
 * Return the day of a moment, such as `5 Dec 2026`.
 *
 * @param {Date} moment
 * @param {Reader} reader
 * @param {string} [timeZone] whose day it is; that of the reader where it is absent
 * @returns {string}
 */
export function day(moment, reader, timeZone) {
  return dated({ dateStyle: "medium" }, reader, timeZone).format(moment);
}

/**
 * Return the day and the time of a moment on the reader's clock.
 *
 * @param {Date} moment
 * @param {Reader} reader
 * @returns {string}
 */
export function dayAndTime(moment, reader) {
  return dated({ dateStyle: "medium", timeStyle: "short" }, reader).format(moment);
}

/**
 * @param {Intl.DateTimeFormatOptions} options
 * @param {Reader} reader
 * @param {string} [timeZone]
 */
function dated(options, reader, timeZone = reader.timeZone) {
  try {
    return new Intl.DateTimeFormat(localeOf(reader), { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat(localeOf(reader), options); // the browser does not know the time zone
  }
}

/**
 * @param {Reader} reader
 * @returns {string}
 */
function localeOf(reader) {
  const tag = reader.locale.replaceAll("_", "-");
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    return "en"; // no BCP 47 tag
  }
}
