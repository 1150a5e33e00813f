/** Defects of releases: their tracks, keys, steps and regions, and the routes that use them. */
import type { DefectFacts } from './facts.ts'

export const RELEASE_DEFECTS = {
  RELEASE_UNKNOWN: {
    means: 'A release is named that the file does not have.',
    instead: 'Name one of its releases, or add this one to "releases".',
  },
  RELEASE_UNUSED: {
    means: 'No route uses a release: it would be judged by no request.',
    instead: 'Write "release" on a route, or remove it.',
  },
  TRACKS_ALIKE: {
    means: 'Stable and canary are the same pool with the same headers, so that nobody could tell them apart.',
    instead: 'Give the canary another pool, or other "requestHeaders".',
  },
  OVERRIDE_IS_KEY: {
    means: 'What says which track somebody wants is what says who somebody is.',
    instead: 'Use another header, cookie or claim for the override than for the key.',
  },
  COOKIE_TAKEN: {
    means: 'A release and the affinity of its pool use one cookie for two things.',
    instead: 'Give one of them another cookie.',
  },
  STEPS_NOT_RISING: {
    means: 'A step of a release does not weigh more than the step before it.',
    instead: 'Order the steps by their weights, each once; going down is what "rollback" says.',
  },
  RELEASE_REGION_UNKNOWN: {
    means: 'A region is named in which stable or the canary has no endpoint.',
    instead: 'Name a region in which both have one.',
  },
  HOME_IN_ONE_TRACK: {
    means: 'Writes go to a home, and the tracks are two pools of which only one has it.',
    instead: 'Let both tracks have the same pool, or the route no home.',
  },
} as const satisfies Record<string, DefectFacts>
