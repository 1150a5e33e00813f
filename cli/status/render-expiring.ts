/** What is said of authorities of client certificates, and of certificates of the edge, that end soon: which that is, and when. */
import { styleText } from 'node:util'
import type { StatusDocument } from '../../config/status.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export const expiringLines = ({ expiring = [], expiringCertificates = [] }: StatusDocument): readonly string[] => [
  ...expiring.map(
    ({ trust, name, expiresIn }) => `  ${styleText('yellow', `trust ${trust}`)}: ${name} ${when(expiresIn, 'nobody comes in by it')}`,
  ),
  ...expiringCertificates.map(
    ({ binding, expiresIn }) =>
      `  ${styleText('yellow', `certificate ${binding}`)} ${when(expiresIn, 'endpoints that ask for it are not reached')} (by edge.certificates)`,
  ),
]

function when(expiresIn: number, then: string): string {
  const days = Math.floor(Math.abs(expiresIn) / DAY_MS)
  return expiresIn < 0 ? `expired ${days} days ago: ${then}` : `expires in ${days} days`
}
