/** Defects of what is deployed: what works on one machine only, and what wrangler.toml does not say. */
import type { DefectFacts } from './facts.ts'

export const DEPLOY_DEFECTS = {
  HOST_PRIVATE: {
    means: 'A host is an IP address or a private name, which Cloudflare does not send to.',
    instead: 'Give it a public name, or check with --local what never leaves this machine.',
  },
  URL_INSECURE: {
    means: 'Requests, or the keys that decide who comes in, would cross the internet without TLS.',
    instead: 'Write https.',
  },
  VANTAGES_TOO_FEW: {
    means: 'Fewer than three vantages have no majority: one of them would decide alone, or none.',
    instead: 'Name at least three, on different continents where the endpoints are.',
  },
  HOST_UNCOVERED: {
    means: 'No route and no custom domain of wrangler.toml sends the requests of a host to the gateway.',
    instead: 'Add one, as the suggestion shows.',
  },
  PATTERN_UNUSED: {
    means: 'A route of wrangler.toml sends requests to the gateway that it has no host for, and answers 421.',
    instead: 'Remove the pattern, or add its host to a route of the gateway.',
  },
  BINDING_MISSING: {
    means:
      'The configuration needs something that wrangler.toml does not bind: a counter, the objects of global limits, a client certificate.',
    instead: 'Add the binding, as the suggestion shows.',
  },
  COUNTER_MISMATCH: {
    means: 'A counter of wrangler.toml does not count what its name says, or shares its number with another.',
    instead: 'Give it the limit and the period of its name, and a number that nothing else of the account has.',
  },
} as const satisfies Record<string, DefectFacts>
