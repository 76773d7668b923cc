import { LightningElement, api } from "lwc";

/** The strokes of the icons that the card names, on a square of 24: our own drawings, not Salesforce's. */
const DRAWN = {
  "standard:lead_insights": ["M5 19v-5", "M12 19V9", "M19 19V4"],
  "utility:clock": ["M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18", "M12 7v5l3 3"],
  "utility:error": ["M8 3h8l5 5v8l-5 5H8l-5-5V8z", "M9 9l6 6", "M15 9l-6 6"],
  "utility:info": ["M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18", "M12 11v6", "M12 7v.1"],
  "utility:warning": ["M12 3L2 21h20z", "M12 10v5", "M12 18v.1"],
};

/** @typedef {keyof typeof DRAWN} Name */

/** Stands for lightning-icon. */
export default class Icon extends LightningElement {
  /** @type {Name} */
  @api iconName = "utility:info";
  @api size = "medium";

  get lines() {
    return DRAWN[this.iconName];
  }

  get look() {
    return `${this.iconName.split(":")[0]} ${this.size}`;
  }
}
