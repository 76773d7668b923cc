/**
 * In place of the generated outputs.js: an org of the sandbox has fields and choices of its own.
 *
 * @type {import("../force-app/main/default/lwc/leadgaugeCard/card.js").Scorecard[]}
 */
export const SCORECARDS = [];
