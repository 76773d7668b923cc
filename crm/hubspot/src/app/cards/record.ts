/** From what HubSpot hands a card to what `view()` takes. */
import type { CrmContext } from "@hubspot/ui-extensions";
import { useCrmProperties } from "@hubspot/ui-extensions/crm";
import { useEffect, useState } from "react";
import type { Output, Outputs, Reader, Values } from "./card/card.js";

type Properties = Record<string, string | null>;

/**
 * The record's values, kept up to date.
 *
 * What asking for a property that does not exist gives is not documented, and the settings need not write all outputs.
 * So each answer is taken: one without it, one with null, and an error, after which only the expected ones are asked for.
 * https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensions/ui-extensions-sdk/hooks (2026-11)
 */
export function useValues(outputs: Outputs): { values: Values; isLoading: boolean; error: Error | null } {
  const all = Object.values(outputs);
  const fewer = all.filter(({ expected }) => expected);
  const [refusal, setRefusal] = useState<Error | null>(null);
  const asked = refusal ? fewer : all;
  const { properties, isLoading, error } = useCrmProperties(asked.map(({ field }) => field));
  useEffect(() => {
    if (error && !refusal) setRefusal(error);
  }, [error, refusal]);
  const again = error !== null && fewer.length < all.length && (refusal === null || error === refusal);
  return { values: valuesOf(properties, outputs), isLoading: isLoading || again, error };
}

/** The values by the outputs' names; what does not exist or may not be seen is absent. */
export function valuesOf(properties: Properties, outputs: Outputs): Values {
  const values: Values = {};
  for (const [name, output] of Object.entries(outputs)) {
    const value = properties[output.field];
    if (value !== undefined && says(output, value)) values[name] = value;
  }
  return values;
}

/** Whether a value says anything: null in a property that nobody is known to write may stand for no property at all. */
function says({ expected }: Output, value: string | null): boolean {
  return value !== null || expected;
}

/**
 * Who reads: HubSpot gives the user's locale, such as `en-us`, and the account's time zone.
 * https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensions/ui-extensions-sdk/context (2026-11)
 */
export function readerOf({ user, portal }: CrmContext, now: Date): Reader {
  return { now, locale: user.locale || user.language || "en", timeZone: portal.timezone };
}
