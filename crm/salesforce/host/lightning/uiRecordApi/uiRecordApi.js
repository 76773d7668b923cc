/**
 * Lightning Data Service as far as the card uses it: `getRecord` for records that the page of the sandbox reads.
 *
 * @typedef {import("../../../force-app/main/default/lwc/leadgaugeCard/reading.js").UiRecord} UiRecord
 * @typedef {import("../../../force-app/main/default/lwc/leadgaugeCard/reading.js").WireError} WireError
 * @typedef {{recordId: string, fields?: string[], optionalFields?: string[]}} Config
 * @typedef {(result: {data?: UiRecord, error?: WireError}) => void} Receive
 */

/** @type {Map<string, () => Promise<UiRecord>>} How the page reads each of its records, by Id. */
const sources = new Map();

/** @type {Set<getRecord>} */
const connected = new Set();

/**
 * Let cards read this record.
 *
 * @param {string} recordId
 * @param {() => Promise<UiRecord>} read
 */
export function provide(recordId, read) {
  sources.set(recordId, read);
}

/** The wire adapter; its name is that of Lightning's. */
export class getRecord {
  /** @type {Config | undefined} */
  config;

  /** How many times it has read; an answer that a later reading has overtaken is dropped. */
  readings = 0;

  /** @param {Receive} receive */
  constructor(receive) {
    this.receive = receive;
    receive({});
  }

  connect() {
    connected.add(this);
  }

  disconnect() {
    connected.delete(this);
    this.readings += 1;
  }

  /** @param {Partial<Config>} config */
  update(config) {
    const { recordId } = config;
    this.config = recordId ? { ...config, recordId } : undefined;
    void this.read();
  }

  async read() {
    const reading = ++this.readings;
    const result = await this.answer();
    if (result && reading === this.readings) {
      this.receive(result);
    }
  }

  async answer() {
    const source = this.config && sources.get(this.config.recordId);
    if (!this.config || !source) {
      return undefined;
    }
    try {
      return { data: only(await source(), this.config) };
    } catch (error) {
      return { error: /** @type {WireError} */ (error) };
    }
  }
}

/**
 * Have the cards of these records read them again.
 *
 * @param {{recordId: string}[]} records
 */
export async function notifyRecordUpdateAvailable(records) {
  const ids = new Set(records.map(({ recordId }) => recordId));
  await Promise.all(
    [...connected].filter(({ config }) => config && ids.has(config.recordId)).map((each) => each.read()),
  );
}

/**
 * The record with the fields that were asked for, and no other, as Lightning answers.
 *
 * @param {UiRecord} record
 * @param {Config} config
 * @returns {UiRecord}
 */
function only(record, { fields = [], optionalFields = [] }) {
  const names = [...fields, ...optionalFields].map((name) => name.slice(name.indexOf(".") + 1));
  return {
    fields: Object.fromEntries(
      names.filter((name) => name in record.fields).map((name) => [name, record.fields[name]]),
    ),
  };
}
