package collector

import (
	"context"
	"errors"
	"strings"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
)

// reaches and distrusts name the texts for the ways in which a cluster cannot be reached or trusted.
var (
	reaches = map[pve.Reach]string{pve.ReachRefused: "refused", pve.ReachName: "name", pve.ReachTimeout: "timeout", pve.ReachBroken: "broken",
		pve.ReachNoTLS: "tls", pve.ReachNetwork: "network"}
	distrusts = map[pve.Distrust]string{pve.DistrustAuthority: "authority", pve.DistrustName: "name", pve.DistrustExpired: "expired",
		pve.DistrustInvalid: "invalid"}
)

// failure says in the requester's language why the cluster could not be read and what to do. The cause is kept for the log;
// the errors of pve never hold the token's secret. Errors of the run itself, such as its deadline, stay as they are.
func failure(lang string, err error) error {
	t := func(key string, args ...any) string { return i18n.T(lang, "collector.pve."+key, args...) }
	fail := func(code, text string, retryable bool) error {
		return &agent.Failure{Code: code, Message: text, Retryable: retryable, Err: err}
	}
	var unreachable *pve.UnreachableError
	var certificate *pve.CertificateError
	var incomplete *pve.IncompleteAccessError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &unreachable):
		reach := reaches[unreachable.Reach]
		if reach == "" {
			reach = "network"
		}
		return fail("pve_unreachable", t("unreachable", "host", unreachable.Host, "reach", t("reach."+reach)), true)
	case errors.As(err, &certificate):
		why := distrusts[certificate.Distrust]
		if why == "" {
			why = "invalid"
		}
		return fail("pve_certificate", t("certificate", "host", certificate.Host, "why", t("distrust."+why)), false)
	case errors.As(err, &incomplete):
		return fail("pve_incomplete_access", t("incomplete", "missing", strings.Join(incomplete.Missing, ", ")), false)
	case errors.Is(err, pve.ErrIncompleteAccess), errors.Is(err, pve.ErrDenied):
		return fail("pve_denied", t("denied"), false)
	case errors.Is(err, pve.ErrCredentials):
		return fail("pve_credentials", t("credentials"), false)
	case errors.Is(err, pve.ErrEndpoint):
		return fail("pve_configuration", t("configuration", "problem", t("problem.endpoint")), false)
	case errors.Is(err, pve.ErrToken):
		return fail("pve_configuration", t("configuration", "problem", t("problem.token")), false)
	case errors.Is(err, pve.ErrCA):
		return fail("pve_configuration", t("configuration", "problem", t("problem.ca")), false)
	case errors.Is(err, pve.ErrAnswer):
		return fail("pve_answer", t("answer"), false)
	}
	return fail("pve_failed", t("failed"), true)
}
