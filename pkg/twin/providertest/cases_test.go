package providertest

// cloneVM is a machine as a generated manifest writes it: a clone of the laboratory's template on another node, with
// cloud-init and every device explicit.
const cloneVM = `
resource "proxmox_virtual_environment_vm" "web" {
  name      = "webserver"
  node_name = "pmox03"
  vm_id     = 125
  pool_id   = "Backup-vms-pool"
  tags      = ["web"]
  on_boot   = true

  clone {
    vm_id     = 100
    node_name = "pmox01"
    full      = true
  }

  agent {
    enabled = true
    timeout = "30s"
  }

  cpu {
    cores = 2
    type  = "x86-64-v2-AES"
  }

  memory {
    dedicated = 2048
  }

  operating_system {
    type = "l26"
  }

  scsi_hardware = "virtio-scsi-single"
  boot_order    = ["scsi0"]

  disk {
    datastore_id = "pmoxpool01"
    interface    = "scsi0"
    size         = 40
    discard      = "on"
    iothread     = true
  }

  network_device {
    bridge = "mainvnet"
  }

  initialization {
    datastore_id = "pmoxpool01"
    interface    = "ide2"

    ip_config {
      ipv4 {
        address = "192.168.0.20/16"
        gateway = "192.168.0.1"
      }
    }

    dns {
      servers = ["8.8.8.8"]
    }

    user_account {
      username = "admin-ubt"
      keys     = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm0r1K8B7gQ0Wn0n0n0n0n0n0n0n0n0n0n0n0n0n0n0 lab"]
    }
  }

  serial_device {}

  vga {
    type = "serial0"
  }
}

output "address" {
  value = proxmox_virtual_environment_vm.web.ipv4_addresses
}
`

// plainClone is the least that a clone needs; the id is the provider's choice.
const plainClone = `
resource "proxmox_virtual_environment_vm" "web" {
  name      = "web"
  node_name = "pmox01"

  clone {
    vm_id = 100
    full  = false
  }
}
`

// dhcpVMs are several machines from one map, on DHCP and without agent.
const dhcpVMs = `
locals {
  workers = { a = "pmox01", b = "pmox02", c = "pmox03" }
}

resource "proxmox_virtual_environment_vm" "worker" {
  for_each  = local.workers
  name      = "worker-${each.key}"
  node_name = each.value

  clone {
    vm_id     = 100
    node_name = "pmox01"
  }

  agent {
    enabled = false
  }

  disk {
    datastore_id = "pmoxpool01"
    interface    = "scsi0"
    size         = 32
  }

  initialization {
    datastore_id = "pmoxpool01"
    ip_config {
      ipv4 {
        address = "dhcp"
      }
    }
  }
}
`

// importedVM is a machine from an image, with firmware variables and TPM, without a clone.
const importedVM = `
resource "proxmox_virtual_environment_vm" "image" {
  name      = "from-image"
  node_name = "pmox02"
  bios      = "ovmf"
  machine   = "q35"

  cpu {
    cores = 2
    type  = "host"
  }

  memory {
    dedicated = 1024
    floating  = 1024
  }

  efi_disk {
    datastore_id = "pmoxpool01"
    type         = "4m"
  }

  tpm_state {
    datastore_id = "local-lvm"
  }

  disk {
    datastore_id = "local-lvm"
    import_from  = "cephfs:import/noble-server-cloudimg-amd64.qcow2"
    interface    = "virtio0"
    size         = 12
    discard      = "on"
  }

  disk {
    datastore_id = "pmoxpool01"
    interface    = "scsi0"
    size         = 5
  }

  cdrom {
    file_id   = "cephfs:iso/OPNsense-24.7-dvd-amd64.iso"
    interface = "ide3"
  }

  initialization {
    datastore_id = "local-lvm"
    ip_config {
      ipv4 {
        address = "172.25.5.60/24"
        gateway = "172.25.5.1"
      }
    }
  }

  network_device {
    bridge  = "vmbr0"
    vlan_id = 30
  }

  network_device {
    bridge = "mainvnet"
    model  = "e1000"
  }

  operating_system {
    type = "l26"
  }

  startup {
    order    = 3
    up_delay = 20
  }
}
`

const templateVM = `
resource "proxmox_virtual_environment_vm" "template" {
  name      = "noble"
  node_name = "pmox01"
  vm_id     = 900
  template  = true
  started   = false

  disk {
    datastore_id = "pmoxpool01"
    import_from  = "cephfs:import/noble-server-cloudimg-amd64.qcow2"
    interface    = "scsi0"
    size         = 8
  }

  network_device {
    bridge = "vmbr0"
  }

  serial_device {}
}

resource "proxmox_virtual_environment_vm" "clone" {
  name      = "of-noble"
  node_name = "pmox02"
  vm_id     = 901

  clone {
    vm_id     = proxmox_virtual_environment_vm.template.vm_id
    node_name = "pmox01"
  }

  disk {
    datastore_id = "pmoxpool01"
    interface    = "scsi0"
    size         = 8
  }

  serial_device {}
}
`

const haGroup = cloneVM + `
resource "proxmox_virtual_environment_hagroup" "web" {
  group       = "web"
  nodes       = { pmox01 = null, pmox03 = 2 }
  no_failback = true
  comment     = "web servers"
}

resource "proxmox_virtual_environment_haresource" "web" {
  resource_id  = "vm:${proxmox_virtual_environment_vm.web.vm_id}"
  group        = proxmox_virtual_environment_hagroup.web.group
  state        = "started"
  max_relocate = 2
}
`

const haRule = cloneVM + `
resource "proxmox_virtual_environment_haresource" "web" {
  resource_id = "vm:${proxmox_virtual_environment_vm.web.vm_id}"
  state       = "started"
}

resource "proxmox_virtual_environment_harule" "web" {
  rule      = "web"
  type      = "node-affinity"
  resources = [proxmox_virtual_environment_haresource.web.resource_id]
  nodes     = { pmox01 = null, pmox03 = 2 }
  strict    = false
}

resource "proxmox_virtual_environment_harule" "apart" {
  rule      = "apart"
  type      = "resource-affinity"
  affinity  = "negative"
  resources = [proxmox_virtual_environment_haresource.web.resource_id, "vm:101"]
}
`

const container = `
resource "proxmox_virtual_environment_container" "cache" {
  node_name    = "pmox02"
  vm_id        = 300
  description  = "cache"
  tags         = ["cache"]
  unprivileged = true

  operating_system {
    template_file_id = "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst"
    type             = "ubuntu"
  }

  cpu {
    cores = 1
  }

  memory {
    dedicated = 512
    swap      = 0
  }

  disk {
    datastore_id = "pmoxpool01"
    size         = 6
  }

  features {
    nesting = true
  }

  initialization {
    hostname = "cache"
    ip_config {
      ipv4 {
        address = "192.168.0.30/16"
        gateway = "192.168.0.1"
      }
    }
  }

  network_interface {
    name   = "eth0"
    bridge = "mainvnet"
  }
}
`

const containerClone = `
resource "proxmox_virtual_environment_container" "template" {
  node_name = "pmox02"
  vm_id     = 310
  template  = true
  started   = false

  operating_system {
    template_file_id = "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst"
    type             = "ubuntu"
  }

  disk {
    datastore_id = "pmoxpool01"
    size         = 4
  }

  initialization {
    hostname = "base"
  }

  network_interface {
    name = "eth0"
  }
}

resource "proxmox_virtual_environment_container" "clone" {
  node_name = "pmox02"
  vm_id     = 311

  clone {
    vm_id = proxmox_virtual_environment_container.template.vm_id
  }

  initialization {
    hostname = "copy"
  }

  network_interface {
    name = "eth0"
  }
}
`

const pools = `
resource "proxmox_virtual_environment_pool" "team" {
  pool_id = "team"
  comment = "of the team"
}

resource "proxmox_virtual_environment_pool_membership" "router" {
  pool_id = proxmox_virtual_environment_pool.team.pool_id
  vm_id   = 101
}

resource "proxmox_virtual_environment_pool_membership" "storage" {
  pool_id    = proxmox_virtual_environment_pool.team.pool_id
  storage_id = "local-lvm"
}
`

const download = `
resource "proxmox_virtual_environment_download_file" "debian" {
  content_type = "import"
  datastore_id = "cephfs"
  node_name    = "pmox01"
  file_name    = "debian-12.qcow2"
  url          = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2"
}

resource "proxmox_virtual_environment_download_file" "alpine" {
  content_type = "vztmpl"
  datastore_id = "cephfs"
  node_name    = "pmox01"
  url          = "http://download.proxmox.com/images/system/alpine-3.20-default_20240908_amd64.tar.xz"
}

resource "proxmox_virtual_environment_download_file" "elsewhere" {
  content_type = "iso"
  datastore_id = "local"
  node_name    = "pmox02"
  url          = "https://example.org/some.iso"
}
`

// sdnNetwork has two appliers, because one runs before the others are deleted: the last one, on which all depend, is
// destroyed last and applies the deletions.
const sdnNetwork = `
resource "proxmox_virtual_environment_sdn_applier" "last" {}

resource "proxmox_virtual_environment_sdn_zone_vlan" "dmz" {
  id         = "dmz"
  bridge     = "vmbr0"
  mtu        = 1496
  depends_on = [proxmox_virtual_environment_sdn_applier.last]
}

resource "proxmox_virtual_environment_sdn_vnet" "front" {
  id    = "front"
  zone  = proxmox_virtual_environment_sdn_zone_vlan.dmz.id
  tag   = 200
  alias = "front"
}

resource "proxmox_virtual_environment_sdn_subnet" "front" {
  vnet    = proxmox_virtual_environment_sdn_vnet.front.id
  cidr    = "10.20.0.0/24"
  gateway = "10.20.0.1"
}

resource "proxmox_virtual_environment_sdn_applier" "apply" {
  depends_on = [
    proxmox_virtual_environment_sdn_zone_vlan.dmz,
    proxmox_virtual_environment_sdn_vnet.front,
    proxmox_virtual_environment_sdn_subnet.front,
  ]
}

resource "proxmox_virtual_environment_vm" "front" {
  name       = "front"
  node_name  = "pmox01"
  vm_id      = 400
  depends_on = [proxmox_virtual_environment_sdn_applier.apply]

  clone {
    vm_id = 100
  }

  network_device {
    bridge = proxmox_virtual_environment_sdn_vnet.front.id
  }
}
`

const operations = `
resource "proxmox_backup_job" "half_hourly" {
  id       = "backup-half-hourly"
  schedule = "*/30"
  storage  = "cephfs"
  pool     = "Backup-vms-pool"
  mode     = "snapshot"
  compress = "zstd"

  prune_backups = {
    "keep-last" = "8"
  }
}

resource "proxmox_backup_job" "daily" {
  id       = "backup-daily"
  schedule = "21:00"
  storage  = "cephfs"
  all      = true
  mode     = "stop"
}

resource "proxmox_virtual_environment_network_linux_bridge" "lan" {
  node_name = "pmox02"
  name      = "vmbr9"
  address   = "10.9.0.1/24"
  comment   = "laboratory"
}

resource "proxmox_virtual_environment_replication" "router" {
  id       = "101-0"
  target   = "pmox02"
  type     = "local"
  schedule = "*/15"
}

resource "proxmox_virtual_environment_storage_nfs" "archive" {
  id      = "archive"
  server  = "172.25.5.9"
  export  = "/srv/archive"
  content = ["iso", "backup"]
}
`

const accessControl = `
resource "proxmox_virtual_environment_role" "reader" {
  role_id    = "Reader"
  privileges = ["VM.Audit", "Sys.Audit"]
}

resource "proxmox_virtual_environment_group" "readers" {
  group_id = "readers"
  comment  = "who may look"
}

resource "proxmox_virtual_environment_user" "proviso" {
  user_id = "proviso@pve"
  comment = "reads"
  groups  = [proxmox_virtual_environment_group.readers.group_id]
}

resource "proxmox_virtual_environment_user_token" "proviso" {
  user_id               = proxmox_virtual_environment_user.proviso.user_id
  token_name            = "collector"
  privileges_separation = true
}

resource "proxmox_virtual_environment_acl" "proviso" {
  path     = "/"
  role_id  = proxmox_virtual_environment_role.reader.role_id
  group_id = proxmox_virtual_environment_group.readers.group_id
}
`

const firewalled = plainClone + `
resource "proxmox_virtual_environment_firewall_options" "web" {
  node_name    = "pmox01"
  vm_id        = proxmox_virtual_environment_vm.web.vm_id
  enabled      = true
  input_policy = "DROP"
}

resource "proxmox_virtual_environment_firewall_rules" "web" {
  node_name = "pmox01"
  vm_id     = proxmox_virtual_environment_vm.web.vm_id

  rule {
    type   = "in"
    action = "ACCEPT"
    proto  = "tcp"
    dport  = "443"
  }

  rule {
    type    = "in"
    action  = "ACCEPT"
    proto   = "icmp"
    comment = "ping"
  }
}
`

const dataSources = `
data "proxmox_virtual_environment_vms" "all" {}
data "proxmox_virtual_environment_containers" "all" {}
data "proxmox_virtual_environment_nodes" "all" {}
data "proxmox_virtual_environment_pools" "all" {}
data "proxmox_virtual_environment_version" "pve" {}
data "proxmox_virtual_environment_node" "first" {
  node_name = "pmox01"
}
data "proxmox_virtual_environment_datastores" "first" {
  node_name = "pmox01"
}
data "proxmox_virtual_environment_vm" "router" {
  node_name = "pmox01"
  vm_id     = 101
}
data "proxmox_virtual_environment_haresources" "all" {}

output "found" {
  value = "guests=${length(data.proxmox_virtual_environment_vms.all.vms)} router=${data.proxmox_virtual_environment_vm.router.name}"
}
`

// importWorker is worker-node-2 of the laboratory written down by hand.
const importWorker = `
import {
  to = proxmox_virtual_environment_vm.worker
  id = "pmox03/123"
}

resource "proxmox_virtual_environment_vm" "worker" {
  name          = "worker-node-2"
  node_name     = "pmox03"
  vm_id         = 123
  pool_id       = "Backup-vms-pool"
  scsi_hardware = "virtio-scsi-pci"
  boot_order    = ["ide2", "scsi0", "net0"]

  agent {
    enabled = true
    timeout = "15m" # the provider's own default: another one would be a change
  }

  cpu {
    cores = 6
    type  = "x86-64-v2-AES"
  }

  memory {
    dedicated = 8192
  }

  operating_system {
    type = "l26"
  }

  disk {
    datastore_id = "pmoxpool01"
    file_format  = "raw"
    interface    = "scsi0"
    size         = 32
    discard      = "on"
    iothread     = true
  }

  network_device {
    bridge      = "mainvnet"
    mac_address = "%MAC%"
  }

  initialization {
    datastore_id = "pmoxpool01"
    interface    = "ide2"

    ip_config {
      ipv4 {
        address = "192.168.0.7/16"
        gateway = "192.168.0.1"
      }
    }

    user_account {
      username = "admin-ubt"
    }
  }

  serial_device {}

  vga {
    type = "serial0"
  }
}
`

const upload = `
resource "proxmox_virtual_environment_file" "image" {
  content_type = "iso"
  datastore_id = "cephfs"
  node_name    = "pmox01"

  source_file {
    path = "${path.module}/image.iso"
  }
}

resource "proxmox_virtual_environment_file" "import" {
  content_type = "import"
  datastore_id = "cephfs"
  node_name    = "pmox01"

  source_file {
    path      = "${path.module}/image.iso"
    file_name = "uploaded.qcow2"
  }
}
`

// devices is a machine with one of most things that a machine can have. Blocks of NUMA nodes are left out: the provider
// writes them but never reads them back, so that every later plan adds them again.
const devices = `
resource "proxmox_virtual_environment_vm" "devices" {
  name            = "devices"
  node_name       = "pmox02"
  description     = "two\nlines"
  started         = false
  on_boot         = false
  protection      = false
  machine         = "q35"
  keyboard_layout = "fr"
  tablet_device   = false
  kvm_arguments   = "-no-hpet"
  hotplug         = "network,disk,usb"
  scsi_hardware   = "virtio-scsi-single"
  tags            = ["db", "primary"]

  agent {
    enabled = true
    trim    = true
    type    = "virtio"
  }

  audio_device {
    device = "intel-hda"
  }

  cpu {
    cores   = 2
    sockets = 2
    type    = "host"
    units   = 2000
    limit   = 3
    numa    = true
    flags   = ["+aes"]
  }

  memory {
    dedicated = 4096
    floating  = 2048
  }

  disk {
    datastore_id = "local-lvm"
    interface    = "virtio0"
    size         = 10
    aio          = "threads"
    cache        = "writeback"
    backup       = false
    replicate    = false
    iothread     = true
    serial       = "data0"

    speed {
      read       = 100
      write      = 50
      iops_read  = 1000
      iops_write = 500
    }
  }

  disk {
    datastore_id = "pmoxpool01"
    interface    = "sata1"
    size         = 3
    ssd          = true
  }

  network_device {
    bridge      = "vmbr0"
    mac_address = "BC:24:11:0A:0B:0C"
    firewall    = true
    mtu         = 1400
    queues      = 2
    rate_limit  = 12.5
    trunks      = "10;20"
  }

  network_device {
    bridge       = "mainvnet"
    disconnected = true
  }

  operating_system {
    type = "l26"
  }

  rng {
    source    = "/dev/urandom"
    max_bytes = 2048
    period    = 500
  }

  serial_device {}
  serial_device {
    device = "socket"
  }

  smbios {
    manufacturer = "Laboratory"
    serial       = "0001"
    uuid         = "11111111-2222-4333-8444-555555555555"
  }

  startup {
    order      = 2
    up_delay   = 10
    down_delay = 20
  }

  usb {
    host = "1234:5678"
    usb3 = true
  }

  vga {
    type   = "virtio"
    memory = 32
  }

  watchdog {
    enabled = true
    action  = "reset"
  }
}
`

const clonedVM = `
resource "proxmox_virtual_environment_cloned_vm" "web" {
  name      = "web"
  node_name = "pmox02"

  clone = {
    source_vm_id     = 100
    source_node_name = "pmox01"
  }

  cpu = {
    cores = 3
  }
}
`
