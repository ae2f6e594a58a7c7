import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import type { Language, Words } from '#telemetry/language.ts'
import { ApiError } from './api-client.ts'

/** What each code of a refusal means to a person, and what to do; those that are missing are told by their faults. */
const codes: Readonly<Record<string, Words>> = {
  UNAUTHENTICATED: {
    vi: 'phiên đăng nhập đã kết thúc; hãy tải lại trang rồi đăng nhập',
    en: 'you are signed out; load the page again and sign in',
  },
  FORBIDDEN: {
    vi: 'tài khoản này không có quyền làm việc này',
    en: 'this account has no right to do it',
  },
  NOT_FOUND: { vi: 'mục này không còn; hãy tải lại trang', en: 'it is not there any more; load the page again' },
  TOO_LARGE: { vi: 'nội dung quá lớn', en: 'it is too large' },
  TOO_MANY_REQUESTS: {
    vi: 'quá nhiều yêu cầu; hãy đợi một phút rồi thử lại',
    en: 'too many requests; wait a minute and try again',
  },
  TOO_MANY_QUESTIONS: {
    vi: 'máy chủ đang trả lời nhiều câu hỏi khác; hãy đợi vài giây rồi thử lại',
    en: 'the server answers many other questions; wait some seconds and try again',
  },
  TOO_SLOW: {
    vi: 'câu trả lời mất quá lâu; hãy chọn khoảng thời gian ngắn hơn',
    en: 'the answer takes too long; choose a shorter span',
  },
  STORE_UNAVAILABLE: {
    vi: 'kho dữ liệu không trả lời; hãy thử lại sau',
    en: 'the store does not answer; try again later',
  },
  STARTING: { vi: 'máy chủ đang khởi động; hãy thử lại sau', en: 'the server is starting; try again later' },
  BUSY: { vi: 'máy chủ đang bận; hãy thử lại sau', en: 'the server is busy; try again later' },
  INTERNAL: {
    vi: 'máy chủ gặp lỗi; hãy báo kỹ sư vận hành',
    en: 'the server has a fault; tell the engineer on duty',
  },
}

/** Fields that somebody typed into: what is wrong with them comes first, and the form says which it is. */
const typed: ReadonlySet<string> = new Set(['name', 'comment', 'body.name', 'body.comment'])

/**
 * Why the server refused something, in the language of the page. What it alone can tell, because another release has sent no codes or
 * such as are not known here, stays in its own words, which are English.
 */
export function problemWords(language: Language, error: ApiError): string {
  const { code = '', detail = error.message, faults = [] } = error.problem ?? {}
  const words = codes[code]
  if (words) return words[language]
  const field = faults.find(({ path }) => path !== undefined && typed.has(path))
  if (field) return sayRequestFault(language, { ...field, path: undefined })
  return faults.length > 0 ? faults.map((fault) => sayRequestFault(language, fault)).join('; ') : detail
}

/** Whether the server refused something for one of these reasons. */
export function isRefusedFor(error: unknown, ...codes: readonly RequestFault['code'][]): boolean {
  const faults = error instanceof ApiError ? (error.problem?.faults ?? []) : []
  return faults.some(({ code }) => codes.includes(code))
}
