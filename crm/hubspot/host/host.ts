/**
 * Shows a HubSpot card on a page that is not HubSpot's: the card's bundle runs in a worker, as it does there, and
 * what it draws arrives as a tree of components, which this page draws in its own way.
 */
import { createController, createRemoteReceiver, RemoteRenderer } from "@remote-ui/react/host";
import { createEndpoint } from "@remote-ui/rpc";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import type { Scorecard } from "../src/app/cards/card/card.js";
import { COMPONENTS } from "./components.js";
import css from "./host.css";
import type { Card, Properties } from "./messages.js";

export type CardOptions = {
  /** Where the card's bundle is. */
  bundleUrl: string;
  /** The scorecard that the card shows, as in outputs.js. */
  scorecard: Scorecard;
  objectTypeId: "0-1" | "0-2";
  objectId: number | string;
  /** The reader's locale, such as "en-us". */
  locale: string;
  /** The account's time zone, such as "Europe/Berlin". */
  timeZone: string;
  location: "crm.record.tab" | "crm.record.sidebar";
  /** Reads all properties of the record; one that it does not have is absent. */
  properties: () => Promise<Properties>;
};

export type MountedCard = {
  /** Reads the properties again; the card follows. */
  update(): Promise<void>;
  unmount(): void;
};

/** Draws a card into an element. */
export function mountHubSpotCard(element: HTMLElement, options: CardOptions): MountedCard {
  const worker = new Worker(new URL("worker.js", import.meta.url));
  const card = createEndpoint<Card>(worker);
  const receiver = createRemoteReceiver();
  const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  const frame = document.createElement("div");
  frame.className = `card ${options.location === "crm.record.sidebar" ? "sidebar" : "tab"}`;
  frame.lang = options.locale;
  shadow.replaceChildren(frame);
  const root = createRoot(frame);
  root.render(createElement(RemoteRenderer, { receiver, controller: createController(COMPONENTS) }));

  const fail = (message: string) => {
    root.unmount();
    frame.role = "alert";
    frame.textContent = `The card could not be shown: ${message}`;
  };
  worker.addEventListener("error", (event) => fail(event.message || `${options.bundleUrl} could not be loaded`));
  card.call
    .start({
      bundleUrl: new URL(options.bundleUrl, document.baseURI).href,
      scorecard: options.scorecard,
      context: {
        location: options.location,
        crm: { objectId: options.objectId, objectTypeId: options.objectTypeId },
        user: { locale: options.locale },
        portal: { timezone: options.timeZone },
      },
      channel: receiver.receive,
      read: () =>
        options.properties().then(
          (properties) => ({ properties }),
          (error: Error) => ({ error: error.message }),
        ),
    })
    .catch((error: Error) => fail(error.message));

  return {
    async update() {
      await card.call.changed(await options.properties());
    },
    unmount() {
      card.terminate();
      worker.terminate();
      root.unmount();
      shadow.replaceChildren();
    },
  };
}
