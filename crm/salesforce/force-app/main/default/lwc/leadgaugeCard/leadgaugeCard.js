import { LightningElement, api, wire } from "lwc";
import { getRecord, notifyRecordUpdateAvailable } from "lightning/uiRecordApi";
import LANGUAGE from "@salesforce/i18n/lang";
import LOCALE from "@salesforce/i18n/locale";
import TIME_ZONE from "@salesforce/i18n/timeZone";
import { view } from "./card";
import { drawn, noticed } from "./drawing";
import { SCORECARDS } from "./outputs";
import { fieldsOf, localeFor, messageOf, ofObject, scorecardOf, valuesOf } from "./reading";
import { fill, textsIn } from "./texts";

/**
 * @typedef {import("./reading").WireError} WireError
 * @typedef {import("./reading").UiRecord} UiRecord
 */

/** The results of leadgauge on the page of a lead, a contact or an account; it reads only the fields of outputs.js. */
export default class LeadgaugeCard extends LightningElement {
  /**
   * The record of the page; Lightning sets it.
   * @type {string | undefined}
   */
  @api recordId;

  /**
   * The object of the page: Lead, Contact or Account; Lightning sets it.
   * @type {string | undefined}
   */
  @api objectApiName;

  /**
   * The prefix of the scorecard to show, chosen in the Lightning App Builder; the first scorecard without one.
   * @type {string | undefined}
   */
  @api scorecard;

  /** @type {UiRecord | undefined} */
  record;

  /** @type {WireError | undefined} */
  error;

  /** @type {ReturnType<typeof drawn> | undefined} */
  drawn;

  // Lightning hears of what people change in it, not of what an API client writes: ask when the reader comes back.
  onVisible = () => {
    if (document.visibilityState === "visible" && this.recordId) {
      this.draw();
      void notifyRecordUpdateAvailable([{ recordId: this.recordId }]);
    }
  };

  connectedCallback() {
    document.addEventListener("visibilitychange", this.onVisible);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  // One of `fields` and `layoutTypes` is required (developer.salesforce.com/docs/platform/lwc/guide/
  // reference-wire-adapters-record.html, read 2026-11-29); whoever sees the record sees its Id.
  get fields() {
    return this.objectApiName ? [`${this.objectApiName}.Id`] : undefined;
  }

  // The same page: an optional field that the reader may not see is left out of the answer and is no error.
  get optionalFields() {
    return this.objectApiName && this.card ? fieldsOf(this.card, this.objectApiName) : undefined;
  }

  /** @param {{data?: UiRecord, error?: WireError}} result */
  @wire(getRecord, { recordId: "$recordId", fields: "$fields", optionalFields: "$optionalFields" })
  receive({ data, error }) {
    this.record = data;
    this.error = error;
    this.draw();
  }

  /** Lay out what was read; the moment is taken anew, because a result may have expired since. */
  draw() {
    if (!this.card || !this.record) {
      this.drawn = undefined;
      return;
    }
    const values = valuesOf(this.record, this.card, this.of);
    const reader = { now: new Date(), locale: this.locale, timeZone: TIME_ZONE };
    this.drawn = drawn(view(values, this.card, this.of, reader));
  }

  get card() {
    return scorecardOf(SCORECARDS, this.scorecard);
  }

  get of() {
    return ofObject(this.objectApiName);
  }

  get locale() {
    return localeFor(LANGUAGE, LOCALE);
  }

  get texts() {
    return textsIn(this.locale);
  }

  get title() {
    const { account, lead } = this.texts;
    return this.card?.title || (this.of === "accounts" ? account : lead);
  }

  /** Why there is nothing to draw, and what helps. */
  get failure() {
    if (!this.card) {
      const text = fill(this.texts.noScorecardText, { scorecard: this.scorecard ?? "" });
      return noticed({ tone: "warning", title: this.texts.noScorecardTitle, text });
    }
    if (!this.error) {
      return undefined;
    }
    const text = [messageOf(this.error), this.texts.failedText].filter(Boolean).join(" ");
    return noticed({ tone: "danger", title: this.texts.failedTitle, text });
  }
}
