/** Puts the votes of the vantages beside the candidates of an explanation, and names the vantages that did not answer. */
import type { ExplainedCandidate, ExplainedPlan, Explanation } from '../../../config/explanation.ts'
import type { EndpointKey, VantageId } from '../../../config/ids.ts'
import type { VantageAnswer, VoteStatus } from '../../../config/status.ts'

export function withVotes(explanation: Explanation, answers: readonly VantageAnswer[]): Explanation {
  const { decision } = explanation
  const silent = answers.flatMap((each) => (each.answered ? [] : [{ vantage: each.vantage, problem: each.problem }]))
  const told = { ...explanation, silentVantages: silent }
  if (!('plan' in decision) || decision.plan === undefined) return told
  const plan: ExplainedPlan = { ...decision.plan, candidates: decision.plan.candidates.map((each) => voted(each, answers)) }
  return { ...told, decision: { ...decision, plan } }
}

const voted = (candidate: ExplainedCandidate, answers: readonly VantageAnswer[]): ExplainedCandidate => ({
  ...candidate,
  votes: votesOn(candidate.key, answers),
})

/** Each vantage's own word, where it answered; else what another has heard from it. */
function votesOn(key: EndpointKey, answers: readonly VantageAnswer[]): readonly VoteStatus[] {
  const found = new Map<VantageId, VoteStatus>()
  for (const answer of answers) {
    const votes = answer.answered ? (answer.status.endpoints.find((endpoint) => endpoint.key === key)?.votes ?? []) : []
    for (const vote of votes) if (vote.vantage === answer.vantage || !found.has(vote.vantage)) found.set(vote.vantage, vote)
  }
  return answers.flatMap(({ vantage }) => found.get(vantage) ?? [])
}
