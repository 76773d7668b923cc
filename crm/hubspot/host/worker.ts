/**
 * The worker that a card's bundle runs in, with the globals that it finds in HubSpot's:
 * its React and its renderer, `extend_V2` behind `hubspot.extend`, and `hsWorkerAPI` behind the hooks.
 * The names are those that @hubspot/ui-extensions 0.17.0 and the build of its dev server 2.1.2 look up.
 */
import { createRemoteRoot } from "@remote-ui/core";
import * as RemoteUI from "@remote-ui/react";
import { createEndpoint, retain, type MessageEndpoint } from "@remote-ui/rpc";
import * as React from "react";
import type { Card, Context, Properties, Start } from "./messages.js";

type Extension = (api: { context: Context; actions: object }) => React.ReactElement;

type Listener = { names: string[]; tell: (properties: Properties) => void };

declare function importScripts(...urls: string[]): void;

const listeners = new Set<Listener>();
let extension: Extension | undefined;
let read: Start["read"];

/** The properties that a card asked for; one that the record does not have is absent. */
function only(properties: Properties, names: string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}

async function fetchCrmProperties(names: string[], tell: Listener["tell"]) {
  const listener = { names, tell };
  listeners.add(listener); // Before the answer: what changes meanwhile must not be missed.
  const cleanup = () => listeners.delete(listener);
  const answer = await read();
  const result = "error" in answer ? answer : { data: only(answer.properties, names), cleanup };
  return { json: async () => result };
}

Object.assign(self, {
  __HUBSPOT_EXTENSION_WORKER__: true,
  React,
  RemoteUI,
  logger: console,
  hsWorkerAPI: { fetchCrmProperties },
  extend_V2: (given: Extension) => {
    extension = given;
  },
});

const card: Card = {
  async start(start) {
    retain(start);
    read = start.read;
    Object.assign(self, { scorecards: [start.scorecard] }); // Where outputs.js of the bundle looks for them.
    importScripts(start.bundleUrl);
    if (!extension) throw new Error(`${start.bundleUrl} does not call hubspot.extend()`);
    const root = createRemoteRoot(start.channel, { strict: false });
    RemoteUI.createRoot(root).render(extension({ context: start.context, actions: {} }));
    root.mount();
  },
  async changed(properties) {
    for (const { names, tell } of listeners) tell(only(properties, names));
  },
};

createEndpoint(self as MessageEndpoint).expose({ ...card });
