package strategy

import (
	"fmt"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// CodeWorkload refuses applications that would have to be written in a dialect that there is none for.
const CodeWorkload = "workload_unsupported"

// componentsNamed bounds how many parts of an application a refusal names.
const componentsNamed = 8

// onlyApplications reports whether an intent asks for what lies in repositories, and for no guest to run it.
func onlyApplications(in *provisov1.ProvisionIntent) bool {
	return len(in.GetRepositories()) > 0 && len(in.GetVirtualMachines())+len(in.GetContainers())+len(in.GetPools())+len(in.GetChanges())+len(in.GetImports()) == 0
}

// refuseApplications says what was read of the applications, and what can be asked for instead.
func (d *Draft) refuseApplications() error {
	var read []string
	for _, app := range d.in.Context.GetApplications() {
		read = append(read, d.say("application.read", "name", app.GetName(), "components", d.components(app)))
	}
	if len(read) == 0 {
		read = append(read, d.say("application.unread"))
	}
	return d.refuse(CodeWorkload, "application", "read", strings.Join(read, " "))
}

// components names the parts of an application with what tells them apart.
func (d *Draft) components(app *provisov1.Application) string {
	var list []string
	for i, c := range app.GetComponents() {
		if i == componentsNamed {
			list = append(list, d.say("application.more", "count", len(app.GetComponents())-i))
			break
		}
		what := c.GetName()
		var detail []string
		for _, image := range c.GetImages() {
			if image.GetRole() == "run" {
				detail = append(detail, image.GetReference())
				break
			}
		}
		if ports := c.GetPorts(); len(ports) > 0 {
			detail = append(detail, fmt.Sprintf("%d/%s", ports[0].GetNumber(), ports[0].GetProtocol()))
		}
		if n := c.GetReplicas(); len(n) > 0 && n[0].GetCount() > 1 {
			detail = append(detail, fmt.Sprintf("× %d", n[0].GetCount()))
		}
		if len(detail) > 0 {
			what += " (" + strings.Join(detail, ", ") + ")"
		}
		list = append(list, what)
	}
	if len(list) == 0 {
		return d.say("application.nothing")
	}
	return strings.Join(list, ", ")
}
