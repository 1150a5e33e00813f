/**
 * Exchanges votes with the other vantages: all of them once a second, and at once when a vote changes. Learns bases from them, and
 * learns from them that it is a zombie twin, or that its storage was lost while its clock was behind.
 */
import type { VantageId } from '../config/ids.ts'
import { ageOfKeys } from '../config/key-set.ts'
import { compareOrder, type Incarnation } from '../config/snapshot.ts'
import { type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import { composeMessage } from './form-verdicts.ts'
import { adoptBase, hearOfBase, wantsBase } from './policy/fold-bases.ts'
import { differsFrom, foldNews, tellEmergency } from './policy/fold-emergency.ts'
import { foldOffered, tellKeys } from './policy/fold-key-set.ts'
import { foldPeer } from './policy/fold-peer.ts'
import { parseMessage } from './policy/parse-message.ts'
import type { PeerMessage } from './policy/vote.ts'
import type { VantagePorts } from './ports.ts'
import type { VantageState } from './vantage-state.ts'

/** An exchange that takes longer is given up; the next one carries the same votes. */
const EXCHANGE_TIMEOUT = ms(900)

export class PeerTalk {
  readonly #state: VantageState
  readonly #ports: VantagePorts
  readonly #onNews: () => void
  /** Peers that are being spoken to, and whether there is more to tell them by now. */
  readonly #speaking = new Map<VantageId, boolean>()
  /** What peers asked for, until it is sent. */
  readonly #wanted = new Map<VantageId, readonly string[]>()

  /** `onNews` runs after a peer's votes were taken in. */
  constructor(state: VantageState, ports: VantagePorts, onNews: () => void) {
    this.#state = state
    this.#ports = ports
    this.#onNews = onNews
  }

  /** Tells every peer the present votes and takes in theirs. Never rejects. */
  async tellAll(): Promise<void> {
    const peers = this.#state.vantages.filter((vantage) => vantage !== this.#state.self)
    await Promise.all(peers.map((peer) => this.#tell(peer)))
  }

  /** Takes in what a peer said; the answer carries the own votes. */
  answer(raw: unknown): PeerMessage {
    const message = parseMessage(raw)
    if (message !== undefined && message.from !== this.#state.self) {
      this.#takeIn(message)
      this.#onNews()
    }
    return this.#compose(message)
  }

  async #tell(peer: VantageId): Promise<void> {
    if (this.#speaking.has(peer)) {
      this.#speaking.set(peer, true)
      return
    }
    const { platform, peers } = this.#ports
    let gave = false
    try {
      do {
        this.#speaking.set(peer, false)
        this.#state.counters.exchanges += 1
        const reply = parseMessage(await withinTime(peers.exchange(peer, this.#compose(this.#lastHeard(peer))), EXCHANGE_TIMEOUT, platform))
        if (reply === undefined || reply.from !== peer) throw new Error('not a message of this version')
        this.#takeIn(reply)
        this.#onNews()
        // It lacks a base that we know: it gets it now rather than with the next second. Once: what it does not take it is not pressed to.
        if (!gave && reply.needs.some((hash) => this.#state.knowsBase(hash))) {
          gave = true
          this.#speaking.set(peer, true)
        }
      } while (this.#speaking.get(peer) === true)
    } catch {
      this.#state.counters.exchangesFailed += 1
    } finally {
      this.#speaking.delete(peer)
    }
  }

  #lastHeard(peer: VantageId): PeerMessage | undefined {
    const held = this.#state.peers.get(peer)?.message
    const needs = this.#wanted.get(peer)
    return held === undefined || needs === undefined ? held : { ...held, needs }
  }

  /** For a peer that said `to`: with the bases that it asked for, and a wish for those that only it knows. */
  #compose(to: PeerMessage | undefined): PeerMessage {
    const state = this.#state
    const documents = state.bases.flatMap(({ base }) => (to?.needs.includes(base.hash) === true ? [base] : []))
    if (to !== undefined) this.#wanted.set(to.from, [])
    const now = this.#ports.platform.now()
    const needs = (to?.bases ?? []).flatMap((offered) => (wantsBase(state.bases, offered, now) ? [offered.hash] : []))
    const emergency = tellEmergency(state.emergency, now)
    const said = { needs, documents, ...this.#keySetsFor(to, now), ...(emergency === undefined ? {} : { emergency }) }
    return composeMessage(state, said, now)
  }

  /** Versions for everybody; keys for a peer that holds others, or none. */
  #keySetsFor(to: PeerMessage | undefined, now: Instant): Pick<PeerMessage, 'keySets'> {
    const held = new Map(to?.keySets?.map(({ key, version }) => [key, version]))
    const news = [...this.#state.keySets].flatMap(([key, fold]) => {
      const told = tellKeys(key, fold, held.get(key), now)
      if (fold.good === undefined || told === undefined) return []
      const { keys, ...version } = told
      const said = { ...version, since: ageOfKeys(fold.good.since, now) }
      // Of somebody who has not said what it holds, or is a version back, nothing is known: what it holds will follow from its answer.
      return [to?.keySets === undefined || keys === undefined ? said : { ...said, keys }]
    })
    return this.#state.keySources.size === 0 ? {} : { keySets: news }
  }

  #takeIn(message: PeerMessage): void {
    const now = this.#ports.platform.now()
    const state = this.#state
    this.#wanted.set(message.from, message.needs)
    this.#takeBases(message, now)
    for (const news of message.keySets ?? [])
      if (state.keySources.has(news.key)) state.keySets.set(news.key, foldOffered(state.keySet(news.key), news, now))
    if (message.emergency !== undefined) {
      state.emergency = foldNews(state.emergency, message.emergency, now)
      if (differsFrom(state.emergency, message.emergency)) state.doubtsEmergency = true
    }
    for (const [vantage, incarnation] of message.knows) if (vantage === state.self) this.#hearOfSelf(incarnation, now)
    state.peers.set(message.from, foldPeer(state.peers.get(message.from), message, now))
  }

  #takeBases(message: PeerMessage, now: Instant): void {
    let bases = this.#state.bases
    for (const base of message.documents) {
      const offered = message.bases.find(({ hash }) => hash === base.hash)
      if (offered !== undefined && wantsBase(bases, offered, now)) bases = adoptBase(bases, base, offered, now)
    }
    for (const offered of message.bases) bases = hearOfBase(bases, offered, now)
    this.#state.setBases(bases)
  }

  /**
   * A peer knows a later life of this vantage. When the storage says the same, this instance is a zombie twin and ends. When the
   * storage knows only this life, it was lost while the clock was behind: a later life is begun, or no peer would listen again.
   */
  #hearOfSelf(heard: Incarnation, now: Instant): void {
    const state = this.#state
    if (compareOrder({ incarnation: heard, seq: 0 }, { incarnation: state.incarnation, seq: 0 }) <= 0) return
    try {
      this.#succeed(heard, now)
    } catch (error) {
      state.problems.add(`A later life of this vantage could not be looked up or begun: ${String(error)}`, now)
    }
  }

  #succeed(heard: Incarnation, now: Instant): void {
    const state = this.#state
    const stored = this.#ports.storage.readIncarnation()
    if (stored?.createdAt !== state.incarnation.createdAt || stored.bootCount !== state.incarnation.bootCount) {
      this.#ports.platform.abandon('a later instance of this vantage lives')
      return
    }
    state.incarnation = { createdAt: heard.createdAt + 1, bootCount: state.incarnation.bootCount }
    this.#ports.storage.writeIncarnation(state.incarnation)
    state.problems.add('Peers knew a later life of this vantage: its storage was lost while its clock was behind.', now)
  }
}
