/**
 * The hooks of SLDS 2 that the components use, with colors of its palette: dark where the reader wants it dark.
 *
 * The themes of an org are not public; their light colors are what the components fall back to. The pairs keep the
 * contrast that SLDS asks for.
 *
 * @type {Record<string, [light: string, dark: string]>}
 */
const COLORS = {
  "accent-1": ["#066afe", "#57a3fd"],
  "border-1": ["#c9c9c9", "#5c5c5c"],
  "error-1": ["#b60554", "#fe8aa7"],
  "error-container-1": ["#fddde3", "#4b0620"],
  "info-container-1": ["#d8e6fe", "#032d60"],
  "on-success-1": ["#056764", "#01c3b3"],
  "on-surface-1": ["#5c5c5c", "#aeaeae"],
  "on-surface-2": ["#2e2e2e", "#e5e5e5"],
  "on-surface-3": ["#03234d", "#ffffff"],
  "on-warning-1": ["#8c4b02", "#fcc003"],
  "success-1": ["#056764", "#01c3b3"],
  "success-container-1": ["#acf3e4", "#023434"],
  "surface-container-1": ["#ffffff", "#181818"],
  "surface-container-3": ["#e5e5e5", "#444444"],
  "warning-container-1": ["#f9e3b6", "#4f2100"],
};

/** The colors of the cards on this page. */
export function theme() {
  const sheet = new CSSStyleSheet();
  const hooks = Object.entries(COLORS).map(
    ([name, [light, dark]]) => `--slds-g-color-${name}: light-dark(${light}, ${dark});`,
  );
  sheet.replaceSync(`c-leadgauge-card { ${hooks.join(" ")} }`);
  return sheet;
}
