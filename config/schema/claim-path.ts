/** A claim by its path, where it alone is named. */
import { z } from 'zod'
import type { ClaimPath } from '../claim.ts'
import { unread } from '../fields.ts'
import { readClaimPath } from './claims.ts'

const FORMS = 'the path of a claim, such as tenant or realm_access.roles; a list where names hold dots'

export const claimPath = () =>
  z.union([z.string(), z.array(z.string())], FORMS).transform((raw, context): ClaimPath => {
    const reading = readClaimPath(raw)
    if ('value' in reading) return reading.value
    context.issues.push({ ...unread(reading), input: raw })
    return z.NEVER
  })
