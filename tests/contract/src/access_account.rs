//! Rows of accounts, sessions and what administrators do to the installation.

use crate::row::*;

/// Part of the table in [`crate::access`].
pub const ACCOUNT_ROWS: &[Row] = &[
    public("POST /api/auth/register", "/api/auth/register"),
    public("POST /api/auth/login", "/api/auth/login"),
    public("POST /api/auth/verify-email", "/api/auth/verify-email"),
    public(
        "POST /api/auth/request-password-reset",
        "/api/auth/request-password-reset",
    ),
    public("POST /api/auth/reset-password", "/api/auth/reset-password"),
    public(
        "GET /api/auth/verify-new-email",
        "/api/auth/verify-new-email",
    ),
    session(
        "POST /api/auth/change-password",
        "/api/auth/change-password",
    ),
    session("POST /api/auth/change-email", "/api/auth/change-email"),
    own_write(
        "POST /api/me/resend_verification",
        "/api/me/resend_verification",
    ),
    session("DELETE /api/users/me", "/api/users/me"),
    session("GET /api/users/me/export", "/api/users/me/export"),
    public("GET /api/auth/oauth/config", "/api/auth/oauth/config"),
    public(
        "GET /api/auth/oauth/{provider}/start",
        "/api/auth/oauth/github/start",
    ),
    public(
        "GET /api/auth/oauth/{provider}/callback",
        "/api/auth/oauth/github/callback",
    ),
    session(
        "GET /api/auth/oauth/{provider}/link/start",
        "/api/auth/oauth/github/link/start",
    ),
    session(
        "POST /api/auth/oauth/{provider}/link/start",
        "/api/auth/oauth/github/link/start",
    ),
    session(
        "POST /api/auth/oauth/{provider}/link/init",
        "/api/auth/oauth/github/link/init",
    ),
    session(
        "POST /api/auth/oauth/{provider}/unlink",
        "/api/auth/oauth/github/unlink",
    ),
    session(
        "POST /api/auth/oauth/{provider}/set-password",
        "/api/auth/oauth/github/set-password",
    ),
    own("GET /api/auth/me", "/api/auth/me"),
    session(
        "POST /api/auth/sessions/revoke-others",
        "/api/auth/sessions/revoke-others",
    ),
    session(
        "POST /api/auth/sessions/revoke-all",
        "/api/auth/sessions/revoke-all",
    ),
    admin(
        "GET /api/admin/security/jwt/status",
        "/api/admin/security/jwt/status",
    ),
    Row {
        owner_viewer: READ_ONLY,
        ..admin(
            "POST /api/admin/security/jwt/rotate",
            "/api/admin/security/jwt/rotate",
        )
    },
    Row {
        owner_viewer: READ_ONLY,
        ..admin("POST /api/admin/jwt/rotate", "/api/admin/jwt/rotate")
    },
];
