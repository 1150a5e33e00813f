/** What becomes of releases when the secret that signs their cookies and overrides is missing, for operators. */
import type { Base } from '../../config/base.ts'
import { RELEASE_KEY_MIN } from '../../config/release-token.ts'
import { releaseKey } from '../recognise-signed.ts'

/** Whoever is recognised by something signed is not, and stays on stable. */
export function missingReleaseKey({ releases = [] }: Base, secret: string | undefined): readonly string[] {
  if (releaseKey(secret) !== undefined) return []
  return releases.flatMap(({ id, key, override }) => {
    const lost = [
      ...(key.kind === 'cookie' ? ['nobody is moved to its canary'] : []),
      ...(override?.header === undefined && override?.cookie === undefined ? [] : ['no override token counts']),
    ]
    return lost.length === 0
      ? []
      : [`release ${id}: the secret RELEASE_KEY is missing or shorter than ${RELEASE_KEY_MIN} characters: ${lost.join(', ')}`]
  })
}
