import { QuestionRefusal } from '#history/question/refusal.ts'
import { ApiProblem } from '../server/problems.ts'

/** Answers a question about the past; what cannot be answered becomes a problem that says what to ask instead. */
export async function withProblems<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    throw error instanceof QuestionRefusal ? new ApiProblem(error.code, error.fault) : error
  }
}
