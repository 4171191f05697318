import type { Psql } from './psql.ts';

/** A table of one member. What is in a row follows from the member and the row's number, so that anybody can tell whether it is as written. */
export class MemberTable {
  readonly #psql: Psql;
  readonly #name: string;
  readonly #content: string;

  constructor(psql: Psql, name: string, ordinal: number) {
    this.#psql = psql;
    this.#name = name;
    // About a kilobyte, below the size from which PostgreSQL compresses.
    this.#content = `repeat(md5('${ordinal}/' || n), 30)`;
  }

  async create(): Promise<void> {
    await this.#psql.ask(`CREATE TABLE ${this.#name} (n bigint PRIMARY KEY, content text NOT NULL)`);
  }

  /** Adds rows in one transaction; committed when this returns. */
  async add(from: number, to: number): Promise<void> {
    await this.#psql.ask(`INSERT INTO ${this.#name} SELECT n, ${this.#content} FROM generate_series(${from}, ${to}) n`);
  }

  /** How many of the rows 1 to `upTo` are there, with the content that they were written with. */
  async countIntact(upTo: number): Promise<number> {
    const rows = `${this.#name} WHERE n BETWEEN 1 AND ${upTo} AND content = ${this.#content}`;
    return Number(await this.#psql.ask(`SELECT count(*) FROM ${rows}`));
  }

  /** Rows there are, of whatever content. */
  async count(): Promise<number> {
    return Number(await this.#psql.ask(`SELECT count(*) FROM ${this.#name}`));
  }

  async drop(): Promise<void> {
    await this.#psql.ask(`DROP TABLE ${this.#name}`);
  }
}
