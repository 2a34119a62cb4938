package understand

// platformRows are the platforms that requests name, with the words for them and for their best-known services. The platforms
// themselves stand in the registry (package platform).
func platformRows() []vocable {
	return []vocable{
		{clPlatform, "aws", 0, "aws|amazon web services|amazon|ec2|amazon ec2|aws ec2|lightsail|s3 bucket|bucket s3|amazon s3|aws s3|s3 buckets|lambda function|lambda functions|fonction lambda|fonctions lambda|aws lambda|fargate|aws fargate|eks|amazon eks|aws eks|ecs cluster|amazon ecs|aws ecs|amazon rds|aws rds|rds instance|instance rds|rds database|elastic beanstalk|route 53|cloudformation|aws cloud|cloud aws|cloud amazon|amazon cloud|govcloud"},
		{clPlatform, "azure", 0, "azure|microsoft azure|ms azure|azure vm|azure vms|vm azure|vms azure|azure cloud|cloud azure|aks|azure aks|azure kubernetes service|azure virtual machine|azure virtual machines|machine virtuelle azure|machines virtuelles azure|azure functions|azure stack|azure devops pipeline"},
		{clPlatform, "gcp", 0, "gcp|google cloud|google cloud platform|gce|google compute engine|compute engine|gke|google kubernetes engine|cloud run|google cloud run|bigquery|cloud google|cloud de google|google cloud sql|app engine"},
		{clPlatform, "vmware", 0, "vmware|vsphere|esxi|vcenter|esx|vmware vsphere|vmware esxi|vmware workstation|vmware fusion|vmware esx|vmware vcenter|vmware cloud|vcloud|vcloud director|vmware tanzu|tanzu|vsan|nsx|nsx-t|hyperviseur esxi|esxi host|hote esxi"},
		{clPlatform, "openstack", 0, "openstack|open stack|devstack|kolla-ansible"},
		{clPlatform, "hyperv", 0, "hyper-v|hyperv|hyper v|microsoft hyper-v|scvmm|windows hyper-v"},
		{clPlatform, "digitalocean", 0, "digitalocean|digital ocean|droplet|droplets|doks"},
		{clPlatform, "hetzner", 0, "hetzner|hetzner cloud|hcloud|cloud hetzner"},
		{clPlatform, "ovh", 0, "ovh|ovhcloud|ovh cloud|cloud ovh|ovh public cloud|soyoustart|kimsufi"},
		{clPlatform, "scaleway", 0, "scaleway|scaleway elements|kapsule|online.net"},
		{clPlatform, "oracle", 0, "oracle cloud|oci cloud|oracle cloud infrastructure|cloud oracle|oracle oci"},
		{clPlatform, "ibm", 0, "ibm cloud|cloud ibm|softlayer|powervs|ibm power"},
		{clPlatform, "alibaba", 0, "alibaba cloud|aliyun|alibaba"},
		{clPlatform, "linode", 0, "linode|akamai cloud|linodes"},
		{clPlatform, "nutanix", 0, "nutanix|nutanix ahv|ahv|nutanix prism|acropolis"},
		{clPlatform, "xen", 0, "xcp-ng|xcpng|xcp ng|xenserver|xen server|citrix hypervisor|xen orchestra|citrix xenserver|xen hypervisor|hyperviseur xen|xen"},
		{clPlatform, "virtualbox", 0, "virtualbox|virtual box|vbox|oracle virtualbox|vagrant"},
		{clPlatform, "libvirt", 0, "libvirt|virt-manager|virsh|cockpit machines"},
		{clPlatform, "vultr", 0, "vultr"},
		{clPlatform, "cloudstack", 0, "cloudstack|apache cloudstack"},
		{clPlatform, "ovirt", 0, "ovirt|rhev|rhv|openshift virtualization|red hat virtualization|kubevirt|harvester"},
		{clPlatform, "tencent", 0, "tencent cloud|tencent"},
		{clPlatform, "openshift", 0, "openshift|open shift|okd"},
		{clPlatform, "opennebula", 0, "opennebula|open nebula"},
		{clPlatform, "parallels", 0, "parallels|parallels desktop"},
		{clPlatform, "incus", 0, "incus|lxd"},
		{clPlatform, "swarm", 0, "docker swarm|swarm|swarm cluster|cluster swarm|docker swarm cluster|swarm mode|docker en mode swarm|mode swarm"},
		{clPlatform, "nomad", 0, "nomad|hashicorp nomad|nomad cluster|cluster nomad|nomad job|job nomad"},
		{clPlatform, "mesos", 0, "mesos|apache mesos|dc/os"},
		{clPlatform, "heroku", 0, "heroku"},
		{clPlatform, "vercel", 0, "vercel"},
		{clPlatform, "netlify", 0, "netlify"},
		{clPlatform, "flyio", 0, "fly.io"},
		{clPlatform, "cloudflare", 0, "cloudflare workers|cloudflare pages"},
		{clPlatform, "infomaniak", 0, "infomaniak"},
		{clPlatform, "outscale", 0, "outscale|3ds outscale"},
		{clPlatform, "exoscale", 0, "exoscale"},
		{clPlatform, "ionos", 0, "ionos|ionos cloud"},
		{clPlatform, "contabo", 0, "contabo"},
		{clPlatform, "upcloud", 0, "upcloud"},
		{clPlatform, "clevercloud", 0, "clever cloud|clevercloud"},
		{clFiller, "", 0, "parallel|in parallel|en parallele|parallele|paralleles"},
		{clQuality, "", 0, "nomade|nomades"},
	}
}

// programPlatforms are the platforms that are programs too: "a VM for Nomad" asks for a machine.
var programPlatforms = map[string]bool{"swarm": true, "nomad": true, "mesos": true, "incus": true, "libvirt": true, "openshift": true, "virtualbox": true}

// platformProgram reads a platform that a machine is to run rather than the one to create it on.
func (p *parser) platformProgram() bool {
	if !p.is(p.i, clPlatform) || !programPlatforms[p.read[p.i].lex.val] || !p.after(p.i, clFor, clWith) {
		return false
	}
	next := p.take(p.i, clPlatform)
	return p.emit(next, item{kind: itSoftware, s: p.text[p.toks[p.i].start:p.toks[next-1].end]})
}
