"""Rule video_places: the data wheel goes in, a table of the places of key points of video on its model comes out."""

from mint.core.joblog import redirect_to
from mint.inputs import video_places

redirect_to(snakemake.log[0])
video_places.run(snakemake.input.wheel, snakemake.output.table)
