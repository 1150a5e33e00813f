/**
 * The rows in which keys and certificates are exchanged under load: what is done when, and what clients may notice. A row of faults is
 * `rows.ts`; how these are run is said by `run-rotation.ts`, how they are judged by `measure-rotation.ts`.
 */

/** The gateway as it was deployed at some time: its secrets, and the certificate of its binding. Each is a Worker of its own. */
export interface Version {
  /** The keys of `EDGE_SIGNING_KEY` and `EDGE_SIGNING_KEY_NEXT`, by a name within the row. */
  readonly signs?: string
  readonly next?: string
  readonly certificate: 'first' | 'second' | 'expired'
}

export type Step = { readonly atMs: number } & (
  | { /** The issuer publishes a key, and signs with it after so long. */ readonly kind: 'issuer-key'; readonly signsAfterMs: number }
  | { /** Nobody can reach the issuer. */ readonly kind: 'issuer-gone' }
  /** Requests go to these versions, evenly: two while a deploy spreads. */
  | { readonly kind: 'serve'; readonly versions: readonly number[] }
)

export interface Rotation {
  readonly versions: readonly [Version, ...Version[]]
  readonly steps: readonly Step[]
  /** From the first step to the end. */
  readonly lengthMs: number
}

export interface RotationRow extends Rotation {
  readonly id: string
  /** The name for `--fault` and `--row`. */
  readonly name: string
  readonly what: string
  readonly path: string
  readonly must: RotationMust
  /** The same without the care that it takes: it must turn red. */
  readonly careless: Partial<Rotation>
  readonly quick: boolean
}

export interface RotationMust {
  /** Answers 401, none of them later than this after the new key signed; each says `Retry-After: 1`. 0: none at all. */
  readonly refusedWithinMs: number
  /** What bears the new key, or is served by the newest version, is answered. */
  readonly newestServes: true
}

const PLAIN: Version = { certificate: 'first' }
const STRICT: RotationMust = { refusedWithinMs: 0, newestServes: true }

/** A deploy: for a while both versions serve. */
const deploy = (atMs: number, from: number, to: number): readonly Step[] => [
  { kind: 'serve', atMs, versions: [from, to] },
  { kind: 'serve', atMs: atMs + 1_500, versions: [to] },
]

export const ROTATION_ROWS: readonly RotationRow[] = [
  {
    id: 'K1',
    name: 'issuer-key',
    what: 'an issuer publishes a key 60 s before it signs with it',
    path: '/private',
    versions: [PLAIN],
    steps: [{ kind: 'issuer-key', atMs: 0, signsAfterMs: 60_000 }],
    lengthMs: 75_000,
    must: STRICT,
    careless: { steps: [{ kind: 'issuer-key', atMs: 0, signsAfterMs: 0 }] },
    quick: false,
  },
  {
    id: 'K1-at-once',
    name: 'issuer-key-at-once',
    what: 'an issuer signs with a new key at once',
    path: '/private',
    versions: [PLAIN],
    steps: [{ kind: 'issuer-key', atMs: 500, signsAfterMs: 0 }],
    lengthMs: 5_500,
    must: { refusedWithinMs: 3_000, newestServes: true },
    careless: {
      steps: [
        { kind: 'issuer-gone', atMs: 0 },
        { kind: 'issuer-key', atMs: 500, signsAfterMs: 0 },
      ],
    },
    quick: true,
  },
  {
    id: 'K2',
    name: 'certificate',
    what: "the edge's client certificate is exchanged",
    path: '/',
    versions: [PLAIN, { certificate: 'second' }],
    steps: deploy(500, 0, 1),
    lengthMs: 4_000,
    must: STRICT,
    careless: { versions: [PLAIN, { certificate: 'expired' }] },
    quick: false,
  },
  {
    id: 'K3',
    name: 'edge-key',
    what: "the edge's signing key is exchanged: published, then signing, then the old one goes",
    path: '/sealed',
    versions: [
      { certificate: 'first', signs: 'old' },
      { certificate: 'first', signs: 'old', next: 'new' },
      { certificate: 'first', signs: 'new', next: 'old' },
      { certificate: 'first', signs: 'new' },
    ],
    // Ingresses hold keys for `KEYS_HELD_MS`, in place of the five minutes that the gateway allows: each deploy waits for that.
    steps: [...deploy(500, 0, 1), ...deploy(5_000, 1, 2), ...deploy(10_000, 2, 3)],
    lengthMs: 14_000,
    must: STRICT,
    careless: { steps: deploy(500, 0, 3) },
    quick: false,
  },
]

/** How long ingresses of these rows hold the keys of the edge. */
export const KEYS_HELD_MS = 2_000
