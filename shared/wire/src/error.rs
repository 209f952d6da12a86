//! Error codes: stable words for programs, with their human texts in both languages.

/// Language of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Locale {
    /// Reads `Accept-Language`: highest weight first, first tag we speak wins.
    pub fn negotiate(header: Option<&str>) -> Self {
        let mut tags: Vec<(f32, &str)> = header
            .unwrap_or_default()
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.split(';');
                let tag = pieces.next()?.trim();
                let weight = pieces
                    .find_map(|p| p.trim().strip_prefix("q="))
                    .and_then(|q| q.trim().parse().ok())
                    .unwrap_or(1.0);
                Some((weight, tag))
            })
            .collect();
        tags.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, tag) in tags {
            let tag = tag.to_ascii_lowercase();
            if tag.starts_with("zh") {
                return Self::Chinese;
            }
            if tag.starts_with("en") {
                return Self::English;
            }
        }
        Self::English
    }

    /// Tag of the language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::Chinese => "zh-CN",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $status:literal $word:literal $en:literal $zh:literal;)*) => {
        /// What went wrong. `{0}`, `{1}` in the texts are filled with parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $en] $variant),* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// HTTP status.
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status),* } }

            /// The stable word.
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $word),* } }

            fn template(self, locale: Locale) -> &'static str {
                match locale {
                    Locale::English => match self { $(Code::$variant => $en),* },
                    Locale::Chinese => match self { $(Code::$variant => $zh),* },
                }
            }
        }
    };
}

codes! {
    NotFound 404 "not_found" "Not Found" "未找到";
    MethodNotAllowed 405 "method_not_allowed" "Method Not Allowed" "不支持该请求方法";
    Internal 500 "internal" "Internal Server Error" "服务器内部错误";
    StorageBusy 503 "storage_busy" "Storage is busy, please try again" "存储繁忙，请重试";
    StorageFull 503 "storage_full" "The server has no disk space left; nothing was stored" "服务器磁盘空间不足，数据未保存";
    Validation 422 "validation" "The request is not valid" "请求无效";
    BodyTooLarge 413 "body_too_large" "The request body is larger than {0} bytes" "请求体超过 {0} 字节";
    ContentEncodingUnknown 415 "content_encoding_unknown" "Content-Encoding {0} is not understood here; sent plain or with one of {1} it is" "不支持的 Content-Encoding {0}，请不压缩发送或使用：{1}";
    ContentEncodingBroken 400 "content_encoding_broken" "The body is not the {0} data it claims to be" "请求体不是有效的 {0} 数据";
    RateLimited 429 "rate_limited" "Too many requests, try again in {0} s" "请求过于频繁，请在 {0} 秒后重试";
    AuthRequired 401 "auth_required" "Authentication required: no valid credential was sent" "需要身份验证";
    TokenInvalid 401 "token_invalid" "API token is invalid, expired or revoked" "API 令牌（token）无效、已过期或已撤销";
    SessionRequired 403 "session_required" "This needs a browser session; an API token is not enough" "该操作需要浏览器会话（session），不能使用 API 令牌";
    ReporterRequired 403 "reporter_required" "A reporter token (em_live_) is required" "需要 reporter 令牌（em_live_）";
    ReadOnlyToken 403 "read_only_token" "Viewer tokens (em_view_) may only read" "只读令牌（em_view_）不能执行写操作";
    FrontDoorRequired 403 "front_door_required" "Use the public address of this installation" "请使用此安装的公开地址访问";
    AdminRequired 403 "admin_required" "Administrators only" "仅限管理员";
    EmailUnverified 403 "email_unverified" "Confirm your e-mail address first: follow the link in the mail, or set a new password by mail" "请先验证邮箱：打开邮件中的链接，或通过邮件重设密码";
    BadLogin 401 "bad_login" "Invalid user name, e-mail or password" "用户名、邮箱或密码错误";
    LoginLocked 423 "login_locked" "Too many wrong passwords: locked for {0} more minutes" "密码错误次数过多，账户已锁定，请在 {0} 分钟后重试";
    UsernameTaken 409 "username_taken" "This user name is taken" "该用户名已被使用";
    EmailTaken 409 "email_taken" "This e-mail address is registered already" "该邮箱已被注册";
    SetupTokenRequired 403 "setup_token_required" "The first account of this installation needs its setup token" "此安装的第一个账号需要安装令牌（setup token）";
    SetupTokenWrong 403 "setup_token_wrong" "This is not the setup token of this installation" "安装令牌（setup token）不正确";
    RegistrationClosed 403 "registration_closed" "Registration is closed" "注册已关闭";
    SecretInvalid 400 "secret_invalid" "This link is invalid, used or expired" "该链接无效、已使用或已过期";
    LinkSpent 410 "link_spent" "This link was used already or has expired" "该链接已使用或已过期";
    PasswordWrong 401 "password_wrong" "The current password is wrong" "当前密码错误";
    PasswordSame 400 "password_same" "The new password is the current one" "新密码与当前密码相同";
    EmailSame 400 "email_same" "This is your address already" "该邮箱就是您当前的邮箱";
    EmailInUse 400 "email_in_use" "This e-mail address belongs to another account" "该邮箱已被其他账户使用";
    ProviderDisabled 404 "provider_disabled" "Login with this provider is not set up" "未启用该登录方式";
    NotLinked 409 "not_linked" "No account of this provider is linked" "未绑定该登录方式的账户";
    PasswordNeeded 409 "password_needed" "Set a password first, or you could not log in any more" "请先设置密码（password），否则将无法登录";
    PasswordPresent 409 "password_present" "This account has a password already" "该账户已设置密码（password）";
    AlreadyVerified 409 "already_verified" "This address is verified already" "该邮箱已验证（verified）";
    LastAdmin 409 "last_admin" "The last administrator cannot go; make somebody else one first" "最后一名管理员无法注销，请先指定其他管理员";
    ConfirmationWrong 400 "confirmation_wrong" "To confirm, send your user name as confirm" "请在 confirm 中填写您的用户名以确认";
    SessionNotFound 404 "session_not_found" "Session not found" "未找到该会话";
    TokenNotFound 404 "token_not_found" "Token not found" "未找到该令牌";
    TokenCap 409 "token_cap" "At most {0} active tokens are possible; revoke one first" "最多只能有 {0} 个有效令牌，请先撤销一个";
    PinLimit 400 "pin_limit" "At most {0} batches can be pinned; unpin one first" "最多只能置顶 {0} 个批次，请先取消一个置顶（unpin）";
    StarTargetInvalid 400 "star_target_invalid" "target_type must be project or batch" "target_type 只能是 project 或 batch";
    BatchNotFound 404 "batch_not_found" "batch not found" "未找到该批次";
    HostNotFound 404 "host_not_found" "host not found" "未找到该主机";
    HostActive 409 "host_active" "Host {0} reported within the last {1} minutes; stop its scripts first" "主机 {0} 在最近 {1} 分钟内仍有上报，请先停止其脚本";
    JobNotFound 404 "job_not_found" "job not found" "未找到该任务";
    OwnerRequired 403 "owner_required" "Only the owner of this batch may do this" "仅批次所有者可以执行该操作";
    BatchForeign 403 "batch_foreign" "Batch {0} belongs to somebody else (its owner must report into it)" "批次 {0} 属于其他用户，只有所有者可以上报";
    ProjectNotFound 404 "project_not_found" "project not found" "未找到该项目";
    ProjectOwnerRequired 403 "project_owner_required" "Only an owner of this project may do this" "仅项目所有者可以执行该操作";
    ProjectTaken 409 "project_taken" "A project named {0} exists already" "名为 {0} 的项目已存在";
    MemberNotFound 404 "member_not_found" "Nobody of this id is a member" "未找到该成员";
    MemberLimit 409 "member_limit" "A project has at most {0} members" "一个项目最多有 {0} 名成员";
    LastOwner 409 "last_owner" "A project keeps at least one owner; make somebody else an owner first" "项目至少需要一名所有者，请先指定其他所有者";
    UserNotFound 404 "user_not_found" "user not found" "未找到该用户";
    UserInactive 400 "user_inactive" "This account is not active" "该账户未激活";
    RecipientNotFound 404 "recipient_not_found" "recipient not found" "未找到该收件人";
    RecipientTaken 409 "recipient_taken" "This address is listed already" "该邮箱已在列表中";
    RecipientLimit 409 "recipient_limit" "A project has at most {0} recipients" "一个项目最多有 {0} 个收件人";
    EventKindInvalid 400 "event_kind_invalid" "Unknown event kind {0}; known: {1}" "未知的事件类型 {0}，可选：{1}";
    ShareNotFound 404 "share_not_found" "It is not shared with this user" "未与该用户共享";
    ShareSelf 400 "share_self" "It cannot be shared with its owner or with yourself" "不能共享给所有者或自己";
    LinkNotFound 404 "link_not_found" "This public link does not exist" "该公开链接不存在";
    LinkExpired 410 "link_expired" "This public link has expired" "该公开链接已过期";
    TrialNotFound 404 "trial_not_found" "trial not found" "未找到该试验";
    CompareCount 400 "compare_count" "Between 2 and {0} different batches can be compared" "可比较的批次数量为 2 到 {0} 个";
    CompareMissing 404 "compare_missing" "batch {0} not found" "未找到批次 {0}";
    SortInvalid 400 "sort_invalid" "{0} must be one of: {1}" "{0} 必须是以下之一：{1}";
    BatchActive 409 "batch_active" "A batch that is {0} cannot be deleted; stop it first" "状态为 {0} 的批次无法删除，请先停止";
    BatchNotDeleted 409 "batch_not_deleted" "This batch is not deleted" "该批次未被删除";
    BatchPurged 410 "batch_purged" "This batch is being removed for good and cannot be restored" "该批次正在被永久清除，无法恢复";
    JobActive 409 "job_active" "A job that is {0} cannot be deleted; stop its batch first" "状态为 {0} 的任务无法删除，请先停止所属批次";
    BulkEmpty 400 "bulk_empty" "The list is empty" "列表为空";
    QueryInvalid 422 "query_invalid" "query, character {0}: {1}" "查询语句第 {0} 个字符：{1}";
    ArtifactNotFound 404 "artifact_not_found" "Artifact not found" "未找到该文件";
    ArtifactTooLarge 413 "artifact_too_large" "A file sent this way may have at most {0} bytes" "以此方式上传的文件最多 {0} 字节";
    ArtifactQuota 413 "artifact_quota" "The artifacts of one job may have at most {0} bytes and number {1}" "单个任务的文件总计最多 {0} 字节、{1} 个";
    ArtifactMetaInvalid 400 "artifact_meta_invalid" "meta must be a JSON object" "meta 必须是 JSON 对象";
    UploadMalformed 400 "upload_malformed" "The multipart body cannot be read: {0}" "无法读取 multipart 请求体：{0}";
    UploadMissing 409 "upload_missing" "Nothing was uploaded to this ticket yet" "该凭据尚未上传任何内容";
    UploadDiffers 409 "upload_differs" "What was uploaded differs from what was announced: {0}" "上传内容与声明不符：{0}";
    RangeUnsatisfiable 416 "range_unsatisfiable" "The file has only {0} bytes" "文件仅有 {0} 字节";
    SpillNotFound 404 "spill_not_found" "Spill upload not found" "未找到该补传文件";
    SpillsWaiting 409 "spills_waiting" "At most {0} spill uploads may wait; finish those first" "最多只能有 {0} 个待处理的补传文件，请先完成它们";
    LineInvalid 422 "line_invalid" "This line is no JSON: {0}" "该行不是有效的 JSON：{0}";
    LineTooLong 413 "line_too_long" "A line may have at most {0} bytes" "单行最多 {0} 字节";
    SchemaUnsupported 415 "schema_unsupported" "Unsupported schema_version {0}; supported: 1.1" "不支持的 schema_version {0}，支持：1.1";
    EventIdMissing 422 "event_id_missing" "event_id is required" "缺少 event_id";
    TimestampInvalid 422 "timestamp_invalid" "timestamp {0} is not an RFC 3339 instant" "timestamp {0} 不是有效的 RFC 3339 时间";
    EventInvalid 422 "event_invalid" "data.{0}: {1}" "data.{0}：{1}";
    EventTooLarge 413 "event_too_large" "One event may have at most {0} bytes" "单个事件最多 {0} 字节";
    JobIdMissing 400 "job_id_missing" "{0} needs a job_id" "{0} 需要 job_id";
    ChannelsInvalid 400 "channels_invalid" "channels: {0}" "channels：{0}";
    StreamAdminOnly 403 "stream_admin_only" "Only administrators may follow the dashboard channel; name a batch_id" "只有管理员可以订阅 dashboard 频道，请指定 batch_id";
    StreamNoAccess 403 "stream_no_access" "No access to channel {0}" "没有访问（access）频道 {0} 的权限";
    ChannelNotFound 404 "channel_not_found" "Channel not found" "未找到该通知渠道";
    ChannelCap 409 "channel_cap" "At most {0} channels are possible; delete one first" "最多只能有 {0} 个通知渠道，请先删除一个";
    NotificationNotFound 404 "notification_not_found" "Notification not found" "未找到该通知";
    EventKindsInvalid 400 "event_kinds_invalid" "Unknown kinds of events: {0}" "未知的事件类型：{0}";
    SubscriptionNotFound 404 "subscription_not_found" "This batch has no mail settings of its own" "该批次没有单独的邮件设置";
    UnsubscribeUnknown 404 "unsubscribe_unknown" "This link is not known" "该链接无效";
    UnsubscribeUsed 410 "unsubscribe_used" "This link was used already" "该链接已被使用";
    SelfRefused 400 "self_refused" "You cannot do this to your own account" "不能对自己的账户执行该操作";
    LastAdminStays 409 "last_admin_stays" "This is the last active administrator; make somebody else one first" "这是最后一名有效的管理员，请先指定其他管理员";
    ConfigGroupUnknown 404 "config_group_unknown" "There is no group of settings named {0}" "没有名为 {0} 的配置组";
    ConfigKeyUnknown 404 "config_key_unknown" "No value is stored for {0}" "{0} 没有已保存的值";
    ConfigKeyInvalid 400 "config_key_invalid" "A key has 1 to 64 letters, digits and _" "键名须为 1 到 64 个字母、数字或 _";
    ConfigValueInvalid 422 "config_value_invalid" "{0}: {1}" "{0}：{1}";
    ConfigSecretMissing 400 "config_secret_missing" "*** keeps a stored secret, and none is stored for {0}" "*** 表示保留已保存的密钥，但 {0} 没有已保存的值";
    ConfigFull 400 "config_full" "The settings are too large; delete some first" "配置内容过大，请先删除一部分";
    TemplateNotFound 404 "template_not_found" "Template not found" "未找到该模板";
    TemplateInvalid 400 "template_invalid" "The template cannot be filled: {0}" "无法渲染该模板：{0}";
    SmtpHostForbidden 403 "smtp_host_forbidden" "This host is not in ARGUS_SMTP_HOST_ALLOWLIST" "该主机不在 ARGUS_SMTP_HOST_ALLOWLIST 中";
    IdsInvalid 400 "ids_invalid" "ids must be whole numbers, separated by commas" "ids 须为以逗号分隔的整数";
    DeadLetterNotFound 404 "dead_letter_not_found" "No message of this id was given up" "未找到该未送达的邮件";
    ActLinkInvalid 404 "act_link_invalid" "This link does nothing (any more)" "该链接无效或已失效";
    ActLinkExpired 410 "act_link_expired" "This link has expired" "该链接已过期";
    ProjectEditorRequired 403 "project_editor_required" "Only an editor or owner of this project may do this" "仅项目编辑者或所有者可以执行该操作";
    RunTokenLimited 403 "run_token_limited" "The token of a run may only report for that run" "运行令牌（run token）只能上报所属运行";
    AgentTokenRequired 401 "agent_token_required" "agent token required" "需要 agent 令牌（agent token required）";
    AgentTokenPrefix 401 "agent_token_prefix" "invalid agent token prefix: it begins with ag_live_" "agent 令牌前缀无效（prefix），应以 ag_live_ 开头";
    AgentTokenUnknown 401 "agent_token_unknown" "agent token unknown: it was replaced, revoked or has expired; run argus-agent login" "agent 令牌未知（unknown）：已被替换、撤销或过期，请运行 argus-agent login";
    AgentForeign 403 "agent_foreign" "agent token does not match path agent_id" "agent 令牌与路径中的 agent_id 不匹配";
    AgentNotFound 404 "agent_not_found" "agent not found" "未找到该 agent";
    AgentCap 409 "agent_cap" "At most {0} agents are possible; revoke one first" "最多只能有 {0} 个 agent，请先撤销一个";
    WatchdogForeign 403 "watchdog_foreign" "Only the owner of this watchdog or an administrator may do this" "仅该 watchdog 的所有者或管理员可以执行该操作";
    CommandNotFound 404 "command_not_found" "command not found" "未找到该命令（command not found）";
    CommandSettled 409 "command_settled" "cmd already in status '{0}'" "命令已处于状态 '{0}'";
    CommandCancelled 409 "command_cancelled" "cmd already in status 'cancelled': what it started must end" "命令已处于状态 'cancelled'，已启动的进程必须结束";
    AckInvalid 400 "ack_invalid" "invalid ack status: it is started or failed" "ack 状态无效（invalid ack status），只能是 started 或 failed";
    RerunActive 409 "rerun_active" "A batch that is {0} cannot be run again; wait for its end or stop it" "状态为 {0} 的批次无法重新运行，请等待其结束或先停止";
    RerunsWaiting 409 "reruns_waiting" "At most {0} commands may wait for host {1}; its agent must take some first" "主机 {1} 最多只能有 {0} 个待执行命令，请先等待其 agent 处理";
    CursorInvalid 422 "cursor_invalid" "cursor is not one this server gave out" "cursor 无效";
}

impl Code {
    /// The text in `locale`, with `{n}` replaced by `params[n]`.
    pub fn text(self, locale: Locale, params: &[String]) -> String {
        let mut text = self.template(locale).to_owned();
        for (i, param) in params.iter().enumerate() {
            text = text.replace(&format!("{{{i}}}"), param);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_follows_weights() {
        assert_eq!(
            Locale::negotiate(Some("fr, zh-TW;q=0.8, en;q=0.5")),
            Locale::Chinese
        );
        assert_eq!(Locale::negotiate(Some("zh;q=0.1,en-GB")), Locale::English);
        assert_eq!(Locale::negotiate(None), Locale::English);
    }

    #[test]
    fn words_are_unique_and_texts_translated() {
        let words: std::collections::HashSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            let chinese = code.text(Locale::Chinese, &[]);
            assert!(chinese.chars().any(|c| c as u32 > 0x2e80), "{code:?}");
            assert_eq!(
                chinese.matches('{').count(),
                code.text(Locale::English, &[]).matches('{').count(),
                "{code:?}"
            );
        }
    }
}
