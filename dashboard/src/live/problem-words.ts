import type { Language } from '#telemetry/language.ts'
import type { ApiError } from './api-client.ts'

type Words = Readonly<Record<Language, string>>

/** What each code of a refusal means to a person, and what to do; those that are missing are told by their detail. */
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

/** What the server says of what somebody typed, in Vietnamese. */
const details: readonly [said: RegExp, vi: string][] = [
  [
    /must be 1 to 64 letters, digits, inner blanks or \. _ @ -/,
    'chỉ gồm 1 đến 64 chữ cái, chữ số, dấu cách ở giữa hoặc . _ @ -',
  ],
  [
    /may hold (?:nothing that is not seen|no control characters).*/,
    'không được có ký tự ẩn, đảo chiều chữ hay chồng dấu',
  ],
  [/^the admin of this installation is known by its token$/, 'quản trị viên này đăng nhập bằng mã quản trị'],
  [/^nobody changes their own role or keeps themselves out$/, 'không ai tự đổi vai trò hay tự khóa mình'],
  [/^your password was changed meanwhile; sign in again$/, 'mật khẩu của bạn vừa được đổi; hãy đăng nhập lại'],
]

const isTyped = /^(?:name|comment|body\.name|body\.comment): /

function detailInVietnamese(detail: string): string {
  // the first thing that is wrong with what was typed is enough
  const said = detail.split('; ').find((part) => isTyped.test(part)) ?? detail
  const found = details.find(([words]) => words.test(said))
  return found ? found[1] : detail
}

/** Why the server refused something, in the language of the page; what it alone can tell stays in its own words, which are English. */
export function problemWords(language: Language, error: ApiError): string {
  const { code = '', detail = error.message } = error.problem ?? {}
  const words = codes[code]
  if (words) return words[language]
  return language === 'vi' ? detailInVietnamese(detail) : detail
}
