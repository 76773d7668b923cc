/** What the page and the card's worker say to each other. */
import type { RemoteChannel } from "@remote-ui/core";
import type { Scorecard } from "../src/app/cards/card/card.js";

export type Properties = Record<string, string | null>;

/** The part of HubSpot's context that a card on a record gets. */
export type Context = {
  location: string;
  crm: { objectId: number | string; objectTypeId: string };
  user: { locale: string };
  portal: { timezone: string };
};

export type Answer = { properties: Properties } | { error: string };

export type Start = {
  bundleUrl: string;
  scorecard: Scorecard;
  context: Context;
  /** Where the card's components go. */
  channel: RemoteChannel;
  /** Reads all properties of the record. An error is an answer: one that is thrown is reported by both sides. */
  read: () => Promise<Answer>;
};

/** What the worker answers to. */
export interface Card {
  start(start: Start): Promise<void>;
  /** Tells the card that the record changed. */
  changed(properties: Properties): Promise<void>;
}
