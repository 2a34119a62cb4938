package redact

import (
	"regexp"
	"strings"
)

// pattern is a secret that is known by its form: the first group is what is taken out.
type pattern struct {
	kind string
	// hint must occur in the text; it saves the expression where it cannot match.
	hint string
	re   *regexp.Regexp
}

var placeholders = regexp.MustCompile(`\[secret-(\d{1,6})\]`)

// patterns go from what spans lines to what is one word, so that a key in a header is taken whole.
var patterns = []pattern{
	{KindPrivateKey, "PRIVATE KEY", regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z))`)},
	// Proxmox VE: user@realm!tokenid=uuid, tickets, and the token against cross-site requests.
	{KindToken, "!", regexp.MustCompile(`[\w.+-]+@[\w.-]+![\w.-]+\s?[=:]\s?([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})`)},
	{KindToken, "", regexp.MustCompile(`\b(PVE(?:VNC|ADM|TFA|SPICE)?:[^\s:;"']*:[0-9A-Fa-f]{8}:{1,2}[A-Za-z0-9+/=]+)`)},
	{KindToken, "CSRFPreventionToken", regexp.MustCompile(`CSRFPreventionToken["']?\s*[:=]\s*["']?([0-9A-Fa-f]{8}:[A-Za-z0-9+/=]+)`)},
	{KindToken, "eyJ", regexp.MustCompile(`\b(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*)`)},
	{KindAuthorization, "", regexp.MustCompile(`(?i)\bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)\s+)?([^\s"',;]{3,})`)},
	{KindAuthorization, "", regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9+/_.~=-]{16,})`)},
	{KindAuthorization, "://", regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#"'<>:@]*:([^\s/?#"'<>]+)@`)},
	// A password with a slash is no user information by the book; people write it nevertheless.
	{KindAuthorization, "://", regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#"'<>:@]+:([^\s"'<>@\d][^\s"'<>@]*)@[\w.\[]`)},
	{KindToken, "", regexp.MustCompile(`\b((?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16})\b`)},
	{KindToken, "AIza", regexp.MustCompile(`\b(AIza[0-9A-Za-z_-]{30,})`)},
	{KindToken, "", regexp.MustCompile(`\b((?:gh[pousr]_|github_pat_|glpat-|gldt-|xox[abeprs]-|npm_|hf_|dop_v1_|shpat_|tskey-|pul-|hvs\.|s\.hvs|sk_live_|rk_live_|sk-(?:proj-|ant-)?)[0-9A-Za-z_-]{16,})`)},
	{KindToken, "AGE-SECRET-KEY-", regexp.MustCompile(`(AGE-SECRET-KEY-1[0-9A-Z]{20,})`)},
	{KindToken, "", regexp.MustCompile(`\b(S[ANCOUX][A-Z2-7]{56})\b`)},                 // seed of a NATS nkey
	{KindToken, "K10", regexp.MustCompile(`\b(K10[0-9a-f]{32,}::[\w.-]+:[^\s"',;]+)`)}, // k3s
	{KindHash, "$", regexp.MustCompile(`(\$(?:1|2[abxy]?|5|6|7|y|gy|argon2(?:i|d|id))\$[^\s:"']{8,})`)},
	{KindToken, "key-data", regexp.MustCompile(`client-key-data["']?\s*:\s*["']?([A-Za-z0-9+/=]{8,})`)},
	{KindAuthorization, "auth", regexp.MustCompile(`["']?\bauth["']?\s*:\s*["']([A-Za-z0-9+/]{12,}={0,2})["']`)}, // .docker/config.json
}

// suspects are what every secret that this package finds has in its text, in lower case: a cheap test that lets ordinary
// text pass without any expression.
var suspects = []string{
	"pass", "pwd", "mdp", "secret", "secrè", "secre", "token", "jeton", "key", "clé", "cle", "credential", "identifiant",
	"://", "private", "!", "pve", "eyj", "auth", "bearer", "basic", "akia", "asia", "abia", "acca", "aiza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
	"_pat_", "glpat", "gldt", "xox", "npm_", "hf_", "dop_", "shpat", "pul-", "hvs.", "sk_", "rk_", "sk-", "k10", "$",
}

var nkey = regexp.MustCompile(`\bS[ANCOUX][A-Z2-7]{56}\b`)

// suspect reports whether a text may hold a secret at all.
func suspect(s string) bool {
	low := strings.ToLower(s)
	for _, w := range suspects {
		if strings.Contains(low, w) {
			return true
		}
	}
	return len(s) >= 58 && nkey.MatchString(s)
}
