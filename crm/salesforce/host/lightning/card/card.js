import { LightningElement, api } from "lwc";

/** Stands for lightning-card: a sheet with an icon and a heading. */
export default class Card extends LightningElement {
  @api title = "";
  @api iconName = "";
}
