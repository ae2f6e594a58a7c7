import type { Language } from '#telemetry/language.ts'
import type { SessionEnd } from '#telemetry/session-end.ts'
import type { SignInFault } from '../live/api-client.ts'

/** What a sign-in by a link or at an OpenID provider came to, as the address tells; `ended` when the page itself noticed. */
export const arrivals = ['forbidden', 'failed', 'unreachable', 'link-used', 'link-wrong', 'often', 'ended'] as const
type Arrival = (typeof arrivals)[number]
type Fault = SignInFault | 'different'

const viFaults = {
  wrong: 'Tên hoặc mật khẩu không đúng.',
  often: 'Thử quá nhiều lần. Hãy đợi một phút rồi thử lại.',
  short: 'Mật khẩu phải có ít nhất 12 ký tự.',
  different: 'Hai mật khẩu không giống nhau.',
  unreachable: 'Máy chủ không trả lời. Hãy thử lại.',
  used: 'Đường dẫn này đã được dùng, mà chỉ dùng được một lần. Hãy đăng nhập bằng tên và mật khẩu đã chọn; nếu không phải bạn chọn, hãy xin quản trị viên đường dẫn khác.',
  expired: 'Đường dẫn này đã quá hạn. Hãy xin quản trị viên đường dẫn khác.',
  replaced: 'Đã có đường dẫn mới thay cho đường dẫn này. Hãy dùng đường dẫn mới.',
  disabled: 'Tài khoản của bạn đã bị khóa. Hãy hỏi quản trị viên.',
} satisfies Record<Fault, string>

const vi = {
  faults: {
    password: viFaults,
    token: { ...viFaults, wrong: 'Mã không đúng.' },
    invitation: {
      ...viFaults,
      wrong: 'Đường dẫn này không đúng. Hãy xem lại hoặc xin quản trị viên đường dẫn khác.',
    },
  },
  /** why one is at the sign-in and not on the page asked for, and what to do */
  arrivals: {
    forbidden: 'Tài khoản của cơ quan chưa có vai trò ở đây hoặc đã bị khóa. Hãy hỏi quản trị viên.',
    failed: 'Đăng nhập không thành công. Hãy thử lại.',
    unreachable: 'Hệ thống đăng nhập của cơ quan không trả lời. Hãy thử lại sau.',
    'link-used':
      'Đường dẫn đăng nhập này đã được dùng, mà chỉ dùng được một lần. Hãy đăng nhập bằng tên và mật khẩu hoặc bằng mã quản trị, hoặc khởi động lại hệ thống để có đường dẫn mới.',
    'link-wrong':
      'Đường dẫn đăng nhập này không đúng hoặc là của lần khởi động trước. Hãy dùng đường dẫn mà lệnh “npm start” in ra lần cuối, hoặc đăng nhập cách khác.',
    often: viFaults.often,
    ended: 'Phiên đăng nhập đã kết thúc. Hãy đăng nhập lại.',
  } satisfies Record<Arrival, string>,
  ends: {
    expired: 'Phiên đăng nhập đã hết hạn sau bảy ngày. Hãy đăng nhập lại.',
    'signed-out': 'Phiên này đã được đăng xuất. Hãy đăng nhập lại.',
    everywhere: 'Mọi phiên của tài khoản này đã bị kết thúc. Hãy đăng nhập lại.',
    disabled: viFaults.disabled,
    role: 'Quản trị viên đã đổi vai trò của bạn nên quyền của bạn đã khác. Hãy đăng nhập lại để làm việc với vai trò mới.',
    password:
      'Mật khẩu của tài khoản này đã được đổi. Hãy đăng nhập bằng mật khẩu mới; nếu không phải bạn đổi, hãy báo quản trị viên.',
    invitation: 'Bạn đã được cấp đường dẫn mới thay cho mật khẩu cũ. Hãy mở đường dẫn ấy để chọn mật khẩu.',
    key: 'Mã quản trị của hệ thống đã được đổi nên mọi phiên đã kết thúc. Hãy đăng nhập lại.',
  } satisfies Record<SessionEnd, string>,
}

type SignInTexts = typeof vi

const enFaults = {
  wrong: 'Name or password is not right.',
  often: 'Too many attempts. Wait a minute and try again.',
  short: 'A password has at least 12 characters.',
  different: 'The two passwords differ.',
  unreachable: 'The server does not answer. Try again.',
  used: 'This link was used already, and is good once. Sign in with your name and the password that was chosen; if you did not choose it, ask an admin for another link.',
  expired: 'This link is too old. Ask an admin for another.',
  replaced: 'A newer link took the place of this one. Use the newer link.',
  disabled: 'Your account is disabled. Ask an admin.',
} satisfies Record<Fault, string>

const en = {
  faults: {
    password: enFaults,
    token: { ...enFaults, wrong: 'That token is not right.' },
    invitation: { ...enFaults, wrong: 'This link is not right. Look at it again, or ask an admin for another.' },
  },
  arrivals: {
    forbidden: 'Your organisation’s account has no role here, or is disabled. Ask an admin.',
    failed: 'The sign-in did not succeed. Try again.',
    unreachable: 'Your organisation’s sign-in does not answer. Try again later.',
    'link-used':
      'This sign-in link was used already, and is good once. Sign in with name and password or with the admin token, or start the platform again for another link.',
    'link-wrong':
      'This sign-in link is not right, or is that of an earlier start. Use the one that “npm start” printed last, or sign in another way.',
    often: enFaults.often,
    ended: 'Your session has ended. Sign in again.',
  },
  ends: {
    expired: 'Your session ended after seven days. Sign in again.',
    'signed-out': 'This session was signed out. Sign in again.',
    everywhere: 'Every session of this account was ended. Sign in again.',
    disabled: enFaults.disabled,
    role: 'An admin changed your role, and so your rights. Sign in again to work with the new role.',
    password: 'The password of this account was changed. Sign in with the new one; if it was not you, tell an admin.',
    invitation: 'You were given a new link in place of the old password. Open it to choose a password.',
    key: 'The platform’s admin token was changed, which ended every session. Sign in again.',
  },
} satisfies SignInTexts

/** Why a sign-in did not succeed or is needed again, in each language; loaded with the sign-in page. */
export const signInTexts: Readonly<Record<Language, SignInTexts>> = { vi, en }
