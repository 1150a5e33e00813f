/** What is allowed and may still surprise. `check` says it and does not fail. */
import type { DefectFacts } from './facts.ts'

export const NOTES = {
  POOL_UNUSED: {
    means: 'No route uses a pool; its endpoints are probed all the same.',
    instead: 'Remove it, or send requests to it.',
  },
  ENDPOINT_ALONE: {
    means: 'A pool has one endpoint: nothing can rescue its requests.',
    instead: 'Add an endpoint of another region or cloud.',
  },
  ENDPOINTS_ALL_DRAINED: {
    means: 'All endpoints of a pool are drained, so that its routes answer 503.',
    instead: 'Let at least one take requests.',
  },
  HOME_DRAINED: {
    means: 'The home of the writes of a route is drained or has weight 0, so that every write is answered 503.',
    instead: 'Let it take requests, or name another home.',
  },
  CLOUD_UNKNOWN: {
    means: 'A cloud is called nearly as a known one; as a cloud of your own it has no known regions.',
    instead: 'Write the name of the known cloud, or one that is further from it.',
  },
  REGION_UNKNOWN: {
    means: 'A region is none of those known of its cloud, so that nobody knows where it is.',
    instead: 'Correct it, or give "coordinates".',
  },
  TARGETS_TOO_MANY: {
    means: 'There are more endpoints than a vantage probes; the rest are judged by their traffic alone.',
    instead: 'Split the gateway, or let pools share addresses.',
  },
  QUORUM_OF_ONE: {
    means: 'With one vantage its vote is the verdict.',
    instead: 'Name three or more; one is enough only on a machine of your own.',
  },
  CERTIFICATE_EXPIRES: {
    means: 'A client certificate that the edge presents ends within 30 days, or has ended, by what "edge.certificates" says.',
    instead: 'Upload its successor, name that in wrangler.toml of both Workers, deploy, and write the new day.',
  },
  POOLS_WITHOUT_WEIGHT: {
    means: 'Every share of a route has weight 0, so that its requests are answered 500.',
    instead: 'Give at least one pool a weight.',
  },
  EXPRESSIONS_WIDE: {
    means: 'Many expressions of a host begin with no fixed text, so that each request is held against all of them.',
    instead: 'Begin them with a fixed prefix, or use prefixes.',
  },
  FAULT_EXPIRED: {
    means: 'The moment at which faults end has passed: nothing is injected any more.',
    instead: 'Remove the faults, or choose a later moment.',
  },
  REDIRECT_TO_ITSELF: {
    means: 'A redirect leads back to where the request came from.',
    instead: 'Say at least one of scheme, host, port, path and prefix.',
  },
  MIRROR_SERVES: {
    means: 'A pool answers requests of a route and gets copies of them: it sees some of them twice.',
    instead: 'Mirror to a pool that does not serve the route.',
  },
  PATH_SPELT_OTHERWISE: {
    means: 'An expression takes an encoding as it is written, while most endpoints read another spelling alike.',
    instead: 'Let it take the usual spelling, or both.',
  },
  CORS_FOR_EVERYBODY: {
    means: 'Every page in the world may act as your visitors on a route.',
    instead: 'Name the origins, or leave credentials out.',
  },
  HOST_WITHOUT_ADMISSION: {
    means: 'Something is demanded of some hosts, and nothing of others.',
    instead: 'Add an admission for them; with "require: none" it says that this is meant.',
  },
  ISSUER_UNUSED: {
    means: 'Neither an admission nor the operators name an issuer: its tokens count nowhere.',
    instead: 'Name it in "tokens" of an admission, or remove it.',
  },
  CLIENTS_EVERYBODY: {
    means: 'The networks of a rule hold every client of a family of addresses.',
    instead: 'Name narrower networks, or no "clients" for all.',
  },
  AUTHORITY_EXPIRES: {
    means: 'The certificate of an authority expires soon.',
    instead: 'Name its successor beside it.',
  },
  AUTHORITY_NOT_YET_VALID: {
    means: 'The certificate of an authority is not in force yet.',
    instead: 'Keep its predecessor beside it until it is.',
  },
  CANARY_DRAINED: {
    means: 'Every endpoint of a canary is drained, so that everybody stays on stable.',
    instead: 'Let at least one take requests before the release starts.',
  },
  TRACKS_APART: {
    means:
      'Stable and canary have endpoints in different regions alone: a judgement compares within a region, so the release never goes on by itself.',
    instead: 'Give the canary an endpoint in a region of stable, or promote it by hand.',
  },
  REGIONS_WITHOUT_CANARY: {
    means: 'Regions of stable are in no group of a release: nobody there gets the canary.',
    instead: 'Add them to a group, or leave "regions" out.',
  },
  CANARY_NOT_RESCUED: {
    means: 'A route has one attempt: what fails on the canary is not rescued on stable.',
    instead: 'Allow two attempts at least.',
  },
  CANARY_NOT_HEDGED: {
    means: 'A canary has one endpoint, so that nobody else there can be asked beside it.',
    instead: 'Add an endpoint to it, or do without the hedge.',
  },
} as const satisfies Record<string, DefectFacts>
