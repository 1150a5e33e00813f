/** Defects and notes of what operators change while everything runs: weights.json, emergency.json. */
import type { DefectFacts } from './facts.ts'

export const OPERATOR_DEFECTS = {
  TARGET_UNKNOWN: {
    means: 'What is to be drained is neither an endpoint nor a region nor a cloud of the gateway.',
    instead: 'Name one that config/gateway.yaml has.',
  },
} as const satisfies Record<string, DefectFacts>

export const OPERATOR_NOTES = {
  POOL_EMPTIED: {
    means: 'Nothing of a pool is left that takes requests.',
    instead: 'Leave one of its endpoints in, unless that is what you want.',
  },
  NAMES_NOT_LOOKED_UP: {
    means: 'There is no configuration without defects in which the names of a file could be looked up.',
    instead: 'Name one with "--config", or mend its defects first.',
  },
} as const satisfies Record<string, DefectFacts>
