package cli

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"syscall"

	"proviso.dev/pkg/i18n"
	"proviso.dev/services/proviso/internal/allinone"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/delivery"
	"proviso.dev/services/proviso/internal/terminal"
)

// failureOf words an error for the user. No Go error is shown but where it is the only one who knows the detail.
func failureOf(err error, lang string) failure {
	say := func(exit int, code, key string, args ...any) failure {
		return failure{code: code, exit: exit, message: terminal.Clean(oneLine(i18n.T(lang, key, args...)))}
	}
	var usage *usageError
	var refused *refusal
	var problem *client.Problem
	var unreachable *client.UnreachableError
	var foreign *delivery.ForeignError
	var config *allinone.ConfigError
	var listen *listenError
	var path *fs.PathError
	switch {
	case errors.As(err, &usage):
		return say(exitUsage, "usage", usage.key, usage.args...)
	case errors.As(err, &refused):
		return say(exitRefused, refused.code, refused.key, refused.args...)
	case errors.As(err, &config):
		return say(exitUsage, "configuration", "cli.config."+config.Key, config.Args...)
	case errors.Is(err, client.ErrAddress):
		return say(exitUsage, "configuration", "cli.config.server")
	case errors.As(err, &problem) && problem.Status == http.StatusUnauthorized:
		return say(exitFailed, problem.Code, "cli.error.unauthenticated")
	case errors.As(err, &problem):
		return failure{code: problem.Code, exit: exitOfProblem(problem), message: terminal.Clean(oneLine(problem.Error()))}
	case errors.Is(err, context.Canceled):
		return say(exitFailed, "interrupted", "cli.error.interrupted")
	case errors.As(err, &unreachable):
		return say(exitFailed, "unreachable", "cli.error.unreachable", "server", unreachable.Server, "reason", rootOf(unreachable.Err).Error())
	case errors.As(err, &foreign) && foreign.File != "":
		return say(exitFailed, "folder_in_use", "cli.error.foreign_file", "file", foreign.File, "folder", foreign.Folder)
	case errors.As(err, &foreign):
		return say(exitUsage, "folder_in_use", "cli.error.foreign_folder", "folder", foreign.Folder)
	case errors.Is(err, errSessionsLocked):
		return say(exitFailed, "session_locked", "cli.error.session_locked")
	case errors.Is(err, allinone.ErrLocked):
		return say(exitFailed, "data_locked", "cli.error.locked")
	case errors.As(err, &listen) && errors.Is(err, syscall.EADDRINUSE):
		return say(exitFailed, "address_in_use", "cli.error.address_in_use", "address", listen.address)
	case errors.As(err, &listen):
		return say(exitFailed, "address", "cli.error.address", "address", listen.address, "reason", rootOf(listen.err).Error())
	case errors.As(err, &path):
		return say(exitFailed, "file", "cli.error.file", "path", path.Path, "reason", path.Err.Error())
	}
	return say(exitFailed, "internal", "cli.error.internal", "reason", err.Error())
}

// exitOfProblem tells a request that cannot be served from a gateway that cannot serve.
func exitOfProblem(p *client.Problem) int {
	switch p.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return exitRefused
	}
	return exitFailed
}

// rootOf is the innermost error: the reason without the steps that led to it.
func rootOf(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
