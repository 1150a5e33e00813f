/** What is said of authorities of client certificates that end soon: who that is, whose, and when. */
import { styleText } from 'node:util'
import type { StatusDocument } from '../../config/status.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export const expiringLines = ({ expiring = [] }: StatusDocument): readonly string[] =>
  expiring.map(({ trust, name, expiresIn }) => {
    const days = Math.floor(Math.abs(expiresIn) / DAY_MS)
    const when = expiresIn < 0 ? `expired ${days} days ago: nobody comes in by it` : `expires in ${days} days`
    return `  ${styleText('yellow', `trust ${trust}`)}: ${name} ${when}`
  })
