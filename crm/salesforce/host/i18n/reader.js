/** The reader's language and time zone, which an org hands to its components and the sandbox's page to ours. */

let lang = "en-US";
let timeZone = "UTC";

/**
 * Set whom the cards of this page are for.
 *
 * @param {string} locale BCP 47.
 * @param {string} zone IANA.
 */
export function readBy(locale, zone) {
  lang = locale;
  timeZone = zone;
}

export { lang, timeZone };
