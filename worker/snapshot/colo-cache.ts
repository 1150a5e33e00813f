/**
 * L1: the colo's cache, through which isolates of one place share a snapshot and take turns at fetching it. It holds no promise
 * and no truth: an entry with a wrong MAC, of the wrong shape or none at all is a miss.
 *
 * Who could forge an entry: whoever can write to this zone's cache in this colo, which is Workers of the same account, or an
 * endpoint whose answer were cached under the entry's name. The names are of a host under `.invalid`, which no request reaches. The
 * key comes from the secret SNAPSHOT_KEY when that is set; without it from the hash of the configuration, which keeps out accidents and
 * old formats but not a Worker of the same account that knows the configuration. A forged entry can misroute within the
 * configured endpoints for as long as it is renewed; it can neither add an endpoint nor authenticate anybody. Keys of issuers could, and are
 * shared with the secret alone (`colo-keys.ts`).
 */
import { parseSnapshot } from '../../config/parse-snapshot.ts'
import type { HealthSnapshot } from '../../config/snapshot.ts'
import { type DurationMs, ms } from '../../config/units.ts'
import type { Platform } from '../ports.ts'
import { attempt } from './bounded.ts'
import { Mac } from './mac.ts'
import type { HealthPorts } from './ports.ts'

/** A cache that is slower than this is a miss: the vantage answers in that time. */
export const CACHE_TIMEOUT = ms(100)
/** Longest an entry can be used, in seconds: what `max-age` counts in. */
const ENTRY_AGE_MAX = 10
/** A lease that nobody renews is gone after so many seconds. */
const LEASE_AGE_MAX = 1

/** Clocks of one colo that differ by less agree, in ms. */
export const CLOCKS_APART = 500

/** Longest that MAC and name of the write are together. */
const HEAD_MAX = 200

export interface Shared {
  readonly snapshot: HealthSnapshot
  /** What its writer knew of latencies, of any shape. */
  readonly latencies: unknown
  /** Since it was written. Of a clock that is off nothing is known: then as old as an entry can be. */
  readonly age: DurationMs
}

export type Lease = 'refresh' | 'report'

export class ColoCache {
  readonly #ports: Pick<HealthPorts, 'cache' | 'secret' | 'base'>
  readonly #mac: Mac
  #lastWrite = ''

  constructor(ports: Pick<HealthPorts, 'cache' | 'secret' | 'base'>) {
    this.#ports = ports
    this.#mac = new Mac(`meridian snapshot 1 ${ports.secret ?? ports.base.hash}`)
  }

  /** With the operator's secret, which only the two Workers have. */
  get isSigned(): boolean {
    return this.#ports.secret !== undefined
  }

  /** The colo's snapshot, when it is another write than the one seen last: each is news once. */
  async read(platform: Platform): Promise<Shared | undefined> {
    const read = await attempt(() => this.#read(), CACHE_TIMEOUT, platform)
    if (read === undefined) return undefined
    const age = platform.now() - read.writtenAt
    const isKnown = age > -CLOCKS_APART && age <= ENTRY_AGE_MAX * 1000
    return { snapshot: read.snapshot, latencies: read.latencies, age: ms(isKnown ? Math.max(0, age) : ENTRY_AGE_MAX * 1000) }
  }

  /** `latencies`: of the isolates of the colo; they stand beside the snapshot, where those one version back pass them by. */
  async write(snapshot: HealthSnapshot, latencies: readonly unknown[] | undefined, platform: Platform): Promise<void> {
    this.#lastWrite = `${platform.now()}-${platform.draw()}`
    const signed = `${this.#lastWrite}\n${JSON.stringify(latencies === undefined ? snapshot : { ...snapshot, latencies })}`
    await attempt(() => this.#write(signed), CACHE_TIMEOUT, platform)
  }

  /**
   * Takes the turn of this colo; false while another isolate has it. Of several that try at once the last writer has it; where the cache is
   * slow or gone, each has it. Its length is timed by a stamp, since `max-age` counts whole seconds; a stamp of a clock that is off counts for
   * nothing.
   */
  async takeLease(lease: Lease, length: DurationMs, platform: Platform): Promise<boolean> {
    const { cache } = this.#ports
    if (cache === undefined) return true
    const url = this.#url(lease)
    const read = () => attempt(async () => (await cache.match(url))?.text(), CACHE_TIMEOUT, platform)
    const now = platform.now()
    const age = now - Number.parseInt((await read()) ?? '', 10)
    if (age >= 0 && age < length) return false
    const mine = `${now} ${platform.draw()}`
    await attempt(() => cache.put(url, entry(mine, LEASE_AGE_MAX)), CACHE_TIMEOUT, platform)
    return ((await read()) ?? mine) === mine
  }

  async #read(): Promise<(Omit<Shared, 'age'> & { readonly writtenAt: number }) | undefined> {
    const text = await (await this.#ports.cache?.match(this.#url('health')))?.text()
    if (text === undefined) return undefined
    const [mac = '', write = ''] = text.slice(0, HEAD_MAX).split('\n', 2)
    if (write === this.#lastWrite) return undefined
    const signed = text.slice(mac.length + 1)
    if (!(await this.#mac.isOf(signed, mac))) return undefined
    this.#lastWrite = write
    const { latencies, ...rest } = JSON.parse(signed.slice(write.length + 1))
    const snapshot = parseSnapshot(rest)
    return snapshot === undefined ? undefined : { snapshot, latencies, writtenAt: Number.parseInt(write, 10) }
  }

  async #write(signed: string): Promise<void> {
    const mac = await this.#mac.sign(signed)
    await this.#ports.cache?.put(this.#url('health'), entry(`${mac}\n${signed}`, ENTRY_AGE_MAX))
  }

  /** Of this configuration: two versions of the gateway do not share, or a deploy would show each the other's endpoints. */
  #url(name: 'health' | Lease): string {
    return coloUrl(this.#ports.base, name)
  }
}

/** A name that no request reaches. */
export const coloUrl = ({ hash }: Pick<HealthPorts['base'], 'hash'>, name: string): string =>
  `https://snapshot.meridian.invalid/${hash}/${name}`

/** Something that the colo keeps for so many seconds. */
export const entry = (body: string, seconds: number): Response => new Response(body, { headers: { 'cache-control': `max-age=${seconds}` } })
