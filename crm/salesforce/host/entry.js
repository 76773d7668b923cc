import { createElement } from "lwc";
import LeadgaugeCard from "c/leadgaugeCard";
import { SCORECARDS } from "./outputs.js";
import { readBy } from "./i18n/reader.js";
import { theme } from "./theme.js";
// Not by its path: rollup would take that for another module, with other records.
import { notifyRecordUpdateAvailable, provide } from "lightning/uiRecordApi";

/**
 * @typedef {object} Page What a record page tells the card.
 * @property {"Lead" | "Contact" | "Account"} objectApiName
 * @property {string} recordId
 * @property {import("../force-app/main/default/lwc/leadgaugeCard/card.js").Scorecard} scorecard As in outputs.js.
 * @property {string} locale The reader's, BCP 47; one for all cards of the page.
 * @property {string} timeZone The reader's, IANA; one for all cards of the page.
 * @property {() => Promise<import("./lightning/uiRecordApi/uiRecordApi.js").UiRecord>} read Reads the record as the
 *   User Interface API answers: `{fields: {Lead_Score__c: {value, displayValue}}}`, without those that the org lacks.
 */

document.adoptedStyleSheets.push(theme());

/**
 * Show the card of leadgauge in this element, as the record page of a Salesforce org does.
 *
 * @param {Element} element
 * @param {Page} page
 * @returns {{refresh: () => Promise<void>, unmount: () => void}}
 */
export function mountSalesforceCard(element, { objectApiName, recordId, scorecard, locale, timeZone, read }) {
  readBy(locale, timeZone);
  provide(recordId, read);
  know(scorecard);
  const card = createElement("c-leadgauge-card", { is: LeadgaugeCard });
  Object.assign(card, { objectApiName, recordId, scorecard: scorecard.prefix });
  element.append(card);
  return { refresh: () => notifyRecordUpdateAvailable([{ recordId }]), unmount: () => card.remove() };
}

/**
 * The one without a prefix stands first, as in outputs.js, whichever is shown first.
 *
 * @param {Page["scorecard"]} scorecard
 */
function know(scorecard) {
  if (SCORECARDS.some(({ prefix }) => prefix === scorecard.prefix)) return;
  if (scorecard.prefix) SCORECARDS.push(scorecard);
  else SCORECARDS.unshift(scorecard);
}
