package review

import (
	"regexp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// secretNames are arguments that hold a secret wherever they are written.
var secretNames = regexp.MustCompile(`(?i)^(pm_)?(password|api_token|api_token_secret|private_key|cipassword|auth_ticket|csrf_prevention_token|secret|token|otp)$`)

// secretText is text that is a secret whatever the argument is called: an API token with its secret, a private key.
var secretText = regexp.MustCompile(`\S+@\S+!\S+=[0-9a-fA-F-]{36}|-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// literalSecrets finds secrets that are written down, in an argument, in a default, or anywhere else.
func literalSecrets(s *subject, report reportFunc) {
	var walk func(b *hclsyntax.Body, address string)
	walk = func(b *hclsyntax.Body, address string) {
		for name, a := range b.Attributes {
			if holdsSecret(name, a.Expr) {
				report(address+"."+name, a.SrcRange, "name", name)
			}
		}
		for _, inner := range b.Blocks {
			walk(inner.Body, address+"."+inner.Type)
		}
	}
	for _, p := range s.providers {
		walk(p.Body, "provider."+p.Labels[0])
	}
	for _, r := range s.resources {
		walk(r.block.Body, r.address())
	}
	for _, o := range s.outputs {
		walk(o.Body, "output."+o.Labels[0])
	}
	for _, name := range s.names.variables {
		v := s.variables[name]
		a := v.block.Body.Attributes["default"]
		sensitive := v.block.Body.Attributes["sensitive"]
		if a == nil {
			continue
		}
		if value, diags := a.Expr.Value(nil); sensitive != nil && !diags.HasErrors() && value.Type() == cty.String && !value.IsNull() && value.AsString() != "" {
			report("var."+name, a.SrcRange, "name", name)
		} else if holdsSecret(name, a.Expr) {
			report("var."+name, a.SrcRange, "name", name)
		}
	}
	for _, name := range s.names.locals {
		if a := s.locals[name].attr; holdsSecret(name, a.Expr) {
			report("local."+name, a.SrcRange, "name", name)
		}
	}
}

// holdsSecret reports whether the expression has a literal that is a secret: by the name of its argument, or by its text.
func holdsSecret(name string, x hclsyntax.Expression) bool {
	named := secretNames.MatchString(name)
	found := false
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hcl.Diagnostics {
		if l, ok := n.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String && !l.Val.IsNull() && l.Val.IsKnown() {
			text := l.Val.AsString()
			found = found || named && text != "" || len(text) > 20 && secretText.MatchString(text)
		}
		return nil
	})
	return found
}

// passwords: cloud-init takes them, SSH keys are better.
func passwords(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if g.init == nil {
			continue
		}
		if a := g.init.child("user_account"); a != nil && a.has("password") {
			report(g.address+".initialization.user_account.password", a.where("password"))
		}
	}
}
