/** The tokens of the load generator's clients: a new one each second, by whichever key the issuer signs with just then. */
import { readIssuerKeys, signingKey } from '../local/issuer-keys.ts'
import { signTestToken } from '../local/test-token.ts'

export interface TokenPlan {
  /** Where the issuer keeps its keys. */
  readonly folder: string
  readonly issuer: string
  readonly audience: string
}

export interface HeldToken {
  readonly token: string
  readonly kid: string
}

const LOOK_EVERY_MS = 20
const RENEW_AFTER_MS = 1_000
const LIFETIME_S = 60

export class LoadTokens {
  readonly #plan: TokenPlan
  #held: HeldToken | undefined
  #madeAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(plan: TokenPlan) {
    this.#plan = plan
  }

  get held(): HeldToken | undefined {
    return this.#held
  }

  /** Resolves when there is a first token. */
  async start(): Promise<void> {
    await this.#renew()
    this.#timer = setInterval(() => void this.#renew(), LOOK_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #renew(): Promise<void> {
    const { folder, issuer, audience } = this.#plan
    const keys = readIssuerKeys(folder)
    if (keys === undefined) return
    const now = Date.now()
    const key = signingKey(keys, now)
    if (this.#held?.kid === key.kid && now - this.#madeAt < RENEW_AFTER_MS) return
    this.#madeAt = now
    const wanted = { issuer, subject: 'load', audience, claims: {}, lifetime: LIFETIME_S }
    this.#held = { token: (await signTestToken(wanted, key, Math.floor(now / 1000))).token, kid: key.kid }
  }
}
