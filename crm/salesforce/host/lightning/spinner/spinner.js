import { LightningElement, api } from "lwc";

/** Stands for lightning-spinner. */
export default class Spinner extends LightningElement {
  @api alternativeText = "";
  @api size = "medium";
}
