"""What is measured: ratios of ours and another in one run, never a verdict on a build."""
