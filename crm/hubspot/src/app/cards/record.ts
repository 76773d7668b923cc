/** From what HubSpot hands a card to what `view()` takes. */
import type { CrmContext } from "@hubspot/ui-extensions";
import type { Outputs, Reader, Values } from "./card/card.js";

/** The properties to ask HubSpot for. */
export function propertiesOf(outputs: Outputs): string[] {
  return Object.values(outputs).map(({ field }) => field);
}

/**
 * The record's values by the outputs' names.
 * A property that the answer lacks stays absent, since it does not exist or may not be seen; one that is null is empty.
 */
export function valuesOf(properties: Record<string, string | null>, outputs: Outputs): Values {
  const named = Object.entries(outputs).map(([name, { field }]) => [name, properties[field]] as const);
  return Object.fromEntries(named.filter((pair): pair is [string, string | null] => pair[1] !== undefined));
}

/**
 * Who reads: HubSpot gives the user's locale, such as `en-us`, and the account's time zone.
 * https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensions/ui-extensions-sdk/context (2026-11)
 */
export function readerOf({ user, portal }: CrmContext, now: Date): Reader {
  return { now, locale: user.locale || user.language || "en", timeZone: portal.timezone };
}
