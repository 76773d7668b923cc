/** Renders the card with the kit's own renderer, for a record with given values. */
import {
  Alert,
  DescriptionListItem,
  ErrorState,
  Heading,
  List,
  LoadingSpinner,
  ProgressBar,
  StatisticsItem,
  StepIndicator,
  Tag,
  Text,
} from "@hubspot/ui-extensions";
import { createRenderer, RenderedNodeType, type RenderedChildNode } from "@hubspot/ui-extensions/testing";
import { ScoreCard } from "../src/app/cards/ScoreCard.js";
import type { Of, Outputs, Scorecard } from "../src/app/cards/card/card.js";
import { SCORECARDS } from "../src/app/cards/card/outputs.js";

/** A record whose every output is filled, by the outputs' names. */
export const FULL: Record<string, string> = {
  score: "69",
  score_trend: "rising",
  fit: "30",
  engagement: "39",
  grade: "B-",
  readiness: "Ready",
  urgency: "now",
  likelihood: "12.5",
  priority: "P1",
  priority_index: "84",
  score_reasons: "+36 Demo request (25 Nov 2026) · +20 Decision maker · −6 Careers page (19 Oct 2026)",
  why_now: "Asked for a demo on 27 Nov · owner, Software, 12 employees",
  next_step: "Call by 1 Dec · ask about budget",
  priority_since: "2026-11-27T09:00:00Z",
  priority_rose_at: "2026-11-27T09:00:00Z",
  expires_at: "2026-12-02T00:00:00Z",
  score_status: "scored",
  scorecard: "b2b-saas 3",
  scored_at: "2026-11-28T21:51:00Z",
};

/** A record to which nothing was ever written. */
export const EMPTY: Record<string, null> = Object.fromEntries(Object.keys(FULL).map((name) => [name, null]));

export type Given = {
  /** By the outputs' names; what is absent has no property. */
  values?: Record<string, string | null>;
  /** By the properties' names, in place of `values`. */
  properties?: Record<string, string | null>;
  /** What HubSpot answers with, by the properties that it is asked for. */
  error?: (names: string[]) => Error | null;
  isLoading?: boolean;
  of?: Of;
  scorecard?: Scorecard;
  location?: "crm.record.tab" | "crm.record.sidebar";
  locale?: string;
  timezone?: string;
};

/** The values under the names of the properties that hold them; an account has no likelihood. */
function stored(values: Record<string, string | null>, outputs: Outputs): Record<string, string | null> {
  const there = Object.entries(values).filter(([name]) => name in outputs);
  return Object.fromEntries(there.map(([name, value]) => [outputs[name].field, value]));
}

/** All text in a node; the renderer's own `text` leaves out what stands in a component inside. */
function textIn({ childNodes }: { childNodes: RenderedChildNode[] }): string {
  return childNodes.map((node) => (node.nodeType === RenderedNodeType.Text ? node.text : textIn(node))).join("");
}

/** Draws the card, and returns what a test asks of it. */
export function rendered(given: Given) {
  const { of = "leads", scorecard = SCORECARDS[0], location = "crm.record.tab", values = {} } = given;
  const card = createRenderer(location);
  const { context, useCrmProperties } = card.mocks;
  context.user.locale = given.locale ?? "en-us";
  context.portal.timezone = given.timezone ?? "Europe/Berlin";
  context.crm.objectTypeId = of === "leads" ? "0-1" : "0-2";
  const properties = given.properties ?? stored(values, scorecard[of] ?? {});
  useCrmProperties.willCall((names) => ({
    properties: given.error?.(names) ? {} : properties,
    error: given.error?.(names) ?? null,
    isLoading: given.isLoading ?? false,
    isRefetching: false,
    refetch: async () => {},
  }));
  card.render(<ScoreCard context={context} scorecard={scorecard} />);
  return {
    asked: () => useCrmProperties.calls.map(([names]) => names),
    settled: card.waitFor,
    heading: () => card.findAll(Heading).map(textIn)[0],
    texts: () => card.findAll(Text).map(textIn),
    alert: () => {
      const alert = card.maybeFind(Alert);
      return alert && { title: alert.props.title, text: textIn(alert), variant: alert.props.variant };
    },
    statistics: () => card.findAll(StatisticsItem).map((item) => [item.props.label, item.props.number, textIn(item)]),
    tag: () => {
      const tag = card.maybeFind(Tag);
      return tag && [textIn(tag), tag.props.variant];
    },
    bars: () => card.findAll(ProgressBar).map(({ props }) => [props.title, props.value, props.valueDescription]),
    steps: () => card.maybeFind(StepIndicator)?.props,
    facts: () => Object.fromEntries(card.findAll(DescriptionListItem).map((item) => [item.props.label, textIn(item)])),
    reasons: () => card.maybeFind(List)?.findAllChildren(Text).map(textIn) ?? [],
    spinner: () => card.maybeFind(LoadingSpinner)?.props.label,
    failure: () => card.maybeFind(ErrorState)?.props.title,
  };
}
