package bpg

import (
	"sync"

	"proviso.dev/pkg/i18n"
	"proviso.dev/services/builder/internal/schema"
)

// Variables of every bundle. Without a value the provider reads its environment (PROXMOX_VE_ENDPOINT,
// PROXMOX_VE_API_TOKEN, PROXMOX_VE_INSECURE), so that a bundle runs unedited wherever either is set.
const (
	endpointVariable = "proxmox_endpoint"
	tokenVariable    = "proxmox_api_token"
	insecureVariable = "proxmox_insecure"
	keysVariable     = "ssh_public_keys"
)

// Files of a bundle, in the order to read them.
const (
	versionsFile  = "versions.tf"
	providersFile = "providers.tf"
	variablesFile = "variables.tf"
	mainFile      = "main.tf"
	outputsFile   = "outputs.tf"
	exampleFile   = "terraform.tfvars.example"
	readmeFile    = "README.md"
)

// minimumVersion of Terraform and OpenTofu: the first with `optional` attributes and replace_triggered_by in both.
const minimumVersion = ">= 1.6.0"

// Render writes the draft as a bundle, in the order to read it. Equal drafts give equal bundles.
func Render(d Draft) []File {
	l := arrange(d)
	return []File{
		{versionsFile, versions()},
		{providersFile, providers()},
		{variablesFile, l.variables()},
		{mainFile, l.main()},
		{outputsFile, l.outputs()},
		{exampleFile, l.example()},
		{readmeFile, l.readme()},
	}
}

var versions = sync.OnceValue(func() string {
	f, b := newFile()
	t := b.block("terraform")
	t.text("required_version", minimumVersion)
	t.block("required_providers").expr("proxmox", `{
    source  = "`+schema.Source+`"
    version = "`+schema.Version+`"
  }`)
	return finish(f)
})

var providers = sync.OnceValue(func() string {
	f, b := newFile()
	p := b.block("provider", "proxmox")
	p.ref("endpoint", "var", endpointVariable)
	p.ref("api_token", "var", tokenVariable)
	p.ref("insecure", "var", insecureVariable)
	return finish(f)
})

// say returns a text in the language of the plan.
func (l layout) say(key string, args ...any) string {
	return i18n.T(l.draft.Plan.GetLanguage(), "builder."+key, args...)
}

func (l layout) variables() string {
	out := commonVariables()
	if l.asksForKeys() {
		out = commonVariablesWithKeys()
	}
	f, b := newFile()
	for _, m := range l.machines {
		if !m.single() {
			writeGroup(b, m.name, m.guests, m.spread, machineWords)
		}
	}
	for _, m := range l.cts {
		if !m.single() {
			writeGroup(b, m.name, m.guests, m.spread, containerWords)
		}
	}
	if *b.begun {
		out += "\n" + finish(f)
	}
	return out
}

// The variables that all bundles share. What stands in a manifest is English whatever the request's language, as code is: the
// same request gives the same files, and a team compares them. The requester's language is in the README.
//
// They are written once, without and with the one for keys: they take longer to write than a machine.
var (
	commonVariables         = sync.OnceValue(func() string { return common(false) })
	commonVariablesWithKeys = sync.OnceValue(func() string { return common(true) })
)

func common(keys bool) string {
	f, b := newFile()

	v := b.block("variable", endpointVariable)
	v.text("description", "Address of the Proxmox VE API without a path. Without a value the provider reads PROXMOX_VE_ENDPOINT.")
	v.expr("type", "string")
	v.expr("default", "null")
	c := v.block("validation")
	c.expr("condition", `var.%s == null || can(regex("^https://[^/]+/?$", var.%s))`, endpointVariable, endpointVariable)
	c.text("error_message", "The endpoint must start with https:// and have no path.")

	v = b.block("variable", tokenVariable)
	v.text("description", "API token, user@realm!name=secret. Without a value the provider reads PROXMOX_VE_API_TOKEN.")
	v.expr("type", "string")
	v.expr("default", "null")
	v.flag("sensitive", true)
	c = v.block("validation")
	c.expr("condition", `var.%s == null || can(regex("^\\S+@\\S+!\\S+=[A-Za-z0-9-]+$", var.%s))`, tokenVariable, tokenVariable)
	c.text("error_message", "The token must have the form user@realm!name=secret.")

	v = b.block("variable", insecureVariable)
	v.text("description", "Do not check the server's certificate. Without a value the provider reads PROXMOX_VE_INSECURE.")
	v.expr("type", "bool")
	v.expr("default", "null")

	if keys {
		v = b.block("variable", keysVariable)
		v.text("description", "Public SSH keys of those who may log in.")
		v.expr("type", "list(string)")
		v.expr("default", "[]")
		c = v.block("validation")
		c.expr("condition", `alltrue([for key in var.%s : can(regex("^(ssh-|ecdsa-|sk-)\\S+ \\S+", key))])`, keysVariable)
		c.text("error_message", "Each key must be a public key in OpenSSH form.")
	}
	return finish(f)
}

// asksForKeys reports whether any guest takes its keys from the variable.
func (l layout) asksForKeys() bool {
	for _, m := range l.machines {
		if i := m.sample().GetInitialization(); i != nil && len(i.GetSshKeys()) == 0 {
			return true
		}
	}
	for _, m := range l.cts {
		if len(m.sample().GetSshKeys()) == 0 {
			return true
		}
	}
	return false
}

func (l layout) outputs() string {
	f, b := newFile()
	for _, m := range l.machines {
		o := b.block("output", m.name)
		typ, label := m.resource()
		agent := ""
		if m.sample().GetAgent() {
			agent = "    ipv4_addresses = vm.ipv4_addresses\n"
		}
		if m.single() {
			o.text("description", "Where the machine is and how to reach it.")
			value, ids := "{\n    vm_id = %s.%s.vm_id\n    node_name = %s.%s.node_name\n", []string{typ, label, typ, label}
			if agent != "" {
				value, ids = value+"    ipv4_addresses = %s.%s.ipv4_addresses\n", append(ids, typ, label)
			}
			o.expr("value", value+"  }", ids...)
			continue
		}
		o.text("description", "Where each machine is and how to reach it.")
		o.expr("value", "{ for name, vm in %s.%s : name => {\n    vm_id = vm.vm_id\n    node_name = vm.node_name\n"+agent+"  } }", typ, label)
	}
	for _, m := range l.cts {
		m.output(b)
	}
	l.outputsOfAdoptions(b)
	return finish(f)
}

func (l layout) example() string {
	f, b := newFile()
	b.comment("Copy to terraform.tfvars and adapt.", "The token does not belong in a file: set TF_VAR_proxmox_api_token or PROXMOX_VE_API_TOKEN.")
	b.gap()
	b.text(endpointVariable, "https://pve.example.org:8006")
	b.flag(insecureVariable, false)
	if l.asksForKeys() {
		b.gap()
		b.comment("Public keys, one string each.")
		b.texts(keysVariable, nil)
	}
	return finish(f)
}
