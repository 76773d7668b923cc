export { lang as default } from "./reader.js";
