export { timeZone as default } from "./reader.js";
