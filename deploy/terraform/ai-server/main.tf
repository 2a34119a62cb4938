resource "proxmox_virtual_environment_vm" "proviso_server" {
  name      = "proviso-server"
  node_name = "pmox03"
  vm_id     = 125
  tags      = ["proviso"]
  pool_id   = "Backup-vms-pool"

  started         = true
  on_boot         = true
  stop_on_destroy = true

  clone {
    vm_id        = 100
    node_name    = "pmox01"
    full         = true
    datastore_id = "pmoxpool01"
  }

  agent {
    enabled = true
    timeout = "2m"
  }

  cpu {
    cores   = 2
    sockets = 1
    type    = "x86-64-v2-AES"
  }

  memory {
    dedicated = 4096
    floating  = 0
  }

  disk {
    interface    = "scsi0"
    datastore_id = "pmoxpool01"
    size         = 32
    discard      = "on"
  }

  initialization {
    datastore_id = "pmoxpool01"
    interface    = "ide2"

    ip_config {
      ipv4 {
        address = "dhcp"
      }
    }

    user_account {
      username = "proviso"
      keys     = var.ssh_public_keys
    }
  }

  network_device {
    bridge = "mainvnet"
    model  = "virtio"
  }

  operating_system {
    type = "l26"
  }

  serial_device {
    device = "socket"
  }

  lifecycle {
    ignore_changes = [node_name]
  }
}

resource "proxmox_haresource" "proviso_server" {
  resource_id = "vm:${proxmox_virtual_environment_vm.proviso_server.vm_id}"
  state       = "started"
  group       = "mainHA"

  lifecycle {
    replace_triggered_by = [proxmox_virtual_environment_vm.proviso_server]
  }
}
