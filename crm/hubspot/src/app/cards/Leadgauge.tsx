// Written by leadgauge: change nothing here.
import { hubspot } from "@hubspot/ui-extensions";
import { ScoreCard } from "./ScoreCard.js";
import { SCORECARDS } from "./card/outputs.js";

hubspot.extend<"crm.record.tab" | "crm.record.sidebar">(({ context }) => (
  <ScoreCard context={context} scorecard={SCORECARDS[0]!} />
));
