/**
 * What the template needs beside the view: classes and widths, because a template computes nothing.
 *
 * @typedef {import("./card").View} View
 * @typedef {import("./card").Notice} Notice
 * @typedef {import("./card").Points} Points
 * @typedef {import("./reasons").Reason} Reason
 */

const ICONS = { info: "utility:info", warning: "utility:warning", danger: "utility:error" };

/**
 * Draw a view: the same words, with what the template asks for.
 *
 * @param {View} view
 */
export function drawn(view) {
  const { priority, grade, urgency, likelihood, score, parts, trend, stage, reasons } = view;
  return {
    ...view,
    notice: view.notice && noticed(view.notice),
    hasFacts: Boolean(priority || grade || urgency || likelihood),
    priority: priority && { ...priority, class: `mark ${priority.tone}` },
    grade: grade && { ...grade, class: `mark ${grade.tone}` },
    urgency: urgency && { ...urgency, class: `tag ${urgency.tone}` },
    hasScore: Boolean(score || trend),
    hasPoints: Boolean(score || trend || parts.length),
    hasMeasures: Boolean(score || trend || parts.length || stage),
    score: score && measured(score),
    hasParts: parts.length > 0,
    parts: parts.map(measured),
    stage: stage && staged(stage),
    hasReasons: reasons.length > 0,
    reasons: reasons.map(reasoned),
  };
}

/**
 * Draw a notice: the icon of its tone stands beside its words, so that it does not speak by its color alone.
 *
 * @param {Notice} notice
 */
export function noticed({ tone, title, text }) {
  return { title, text, class: `notice ${tone}`, icon: ICONS[tone] };
}

/** @param {Points} points */
function measured(points) {
  const { share } = points;
  return { ...points, hasBar: share !== null, bar: `inline-size: ${Math.round((share ?? 0) * 100)}%` };
}

/** @param {NonNullable<View["stage"]>} stage */
function staged({ value, path }) {
  // A stage that the scorecard does not name has no place on the way.
  return {
    value,
    hasPath: path.length > 1,
    path: path.map(stepped),
    first: path[0].value,
    last: path[path.length - 1].value,
  };
}

/** @param {{value: string, status: "past" | "current" | "ahead"}} step */
function stepped({ value, status }) {
  return { value, class: `step ${status}`, current: status === "current" ? "step" : undefined };
}

/**
 * @param {Reason} reason
 * @param {number} key
 */
function reasoned({ sign, amount, text, tone }, key) {
  return { key, text, points: `${sign}${amount}`, class: `points ${tone}` };
}
