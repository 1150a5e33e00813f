/**
 * What is measured and what it must be: a further row is one entry here. Ids are those of the scorecard in docs/benchmark.md.
 * How a slice is measured and when a ratio counts is `measure.ts`.
 */

export type SubjectName =
  | 'bare'
  | 'bare-twin'
  | 'bare-signing'
  | 'bare-verifying'
  | 'gateway'
  | 'gateway-signing'
  | 'gateway-tokens'
  | 'gateway-ten-routes'
  | 'gateway-many-routes'

export interface CostRow {
  readonly id: string
  readonly what: string
  readonly subject: SubjectName
  readonly reference: SubjectName
  /** What is taken from the subject first: the row is then about what it costs above that, in multiples of the reference. */
  readonly minus?: SubjectName
  /** Most that the subject may cost, as a multiple of the reference. */
  readonly limit: number
  /** A row that must be 1 within this, rather than at most `limit`: it says whether the run can be believed. */
  readonly within?: number
  readonly load: Load
  /** The change to the program that turns the row red. */
  readonly mutation: string
}

export interface Load {
  /** Bytes of the answer's body. */
  readonly answer: number
  /** Bytes of the request's body; 0 sends a GET. */
  readonly upload: number
  /** Requests a second, sent whether or not earlier ones were answered. */
  readonly rate: number
  /** Bears a token: the same with each request, or a new one. */
  readonly token?: 'same' | 'new'
  /** Each request asks for a path of its own. */
  readonly ownPaths?: true
}

const SMALL: Load = { answer: 1_024, upload: 0, rate: 500 }
const TEN_MIB = 10 * 1024 * 1024
/** As many as one core passes on with room to spare. */
const LARGE_RATE = 8

/** Rows under one load stand together: they are measured together, and shown in this order. */
export const COST_ROWS: readonly CostRow[] = [
  {
    id: 'AA',
    what: 'bare pass-through against itself',
    subject: 'bare-twin',
    reference: 'bare',
    limit: 1,
    within: 0.03,
    load: SMALL,
    mutation: 'another program on one side',
  },
  {
    id: 'P1',
    what: 'plain route, three endpoints, health plane, retries armed',
    subject: 'gateway',
    reference: 'bare',
    limit: 1.25,
    load: SMALL,
    mutation: 'compile the configuration on every request',
  },
  {
    id: 'P4',
    what: '10,000 routes against ten',
    subject: 'gateway-many-routes',
    reference: 'gateway-ten-routes',
    limit: 1.1,
    load: SMALL,
    mutation: 'match routes by trying each',
  },
  {
    id: 'P2',
    what: 'a remembered ES256 token, a match on a claim, three rules',
    subject: 'gateway-tokens',
    reference: 'bare',
    limit: 1.3,
    load: { ...SMALL, token: 'same' },
    mutation: 'verify every token',
  },
  {
    id: 'P2n',
    what: 'a new ES256 token, above a bare pass-through that verifies its signature',
    subject: 'gateway-tokens',
    reference: 'bare',
    minus: 'bare-verifying',
    limit: 0.3,
    load: { ...SMALL, token: 'new' },
    mutation: 'import the key for each token',
  },
  {
    id: 'P3e',
    what: 'a token of the edge signed with each request, above a bare pass-through that makes a signature',
    subject: 'gateway-signing',
    reference: 'bare',
    minus: 'bare-signing',
    limit: 0.3,
    load: { ...SMALL, ownPaths: true },
    mutation: 'import the key for each token',
  },
  {
    id: 'P5d',
    what: '10 MiB body down',
    subject: 'gateway',
    reference: 'bare',
    limit: 1.05,
    load: { answer: TEN_MIB, upload: 0, rate: LARGE_RATE },
    mutation: 'read the body into memory',
  },
  {
    id: 'P5u',
    what: '10 MiB body up',
    subject: 'gateway',
    reference: 'bare',
    limit: 1.05,
    load: { answer: 0, upload: TEN_MIB, rate: LARGE_RATE },
    mutation: 'read the body into memory',
  },
]

/** Gzipped size of the gateway's module. */
export const BUNDLE_GZIP_MAX = 120 * 1024
/** CPU from start to the first answer, above that of an empty Worker. */
export const START_CPU_MS_MAX = 50
